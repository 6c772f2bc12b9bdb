package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The least that a Java program can do: print a word, from a jar, on a JVM without options. */
final class BareJvm {
    private static final String SOURCE = """
            public class Hello {
                public static void main(String[] arguments) {
                    System.out.println("hello");
                }
            }
            """;
    private static final String SAYS = "hello\n";

    private final TimedProcess program;

    private BareJvm(TimedProcess program) {
        this.program = program;
    }

    /** Compiles the program and packs it. */
    static BareJvm in(Path directory) throws IOException {
        Path programs = Path.of(System.getProperty("java.home"), "bin");
        Path source = Files.writeString(directory.resolve("Hello.java"), SOURCE);
        String jar = directory.resolve("hello.jar").toString();
        must(programs.resolve("javac").toString(), "-d", directory.toString(), source.toString());
        must(programs.resolve("jar").toString(), "cf", jar, "-C", directory.toString(), "Hello.class");
        String java = programs.resolve("java").toString();
        return new BareJvm(TimedProcess.of(List.of(java, "-cp", jar, "Hello"), Map.of()));
    }

    private static void must(String... command) throws IOException {
        TimedProcess.of(List.of(command), Map.of()).millisOf("");
    }

    /** Runs it, in milliseconds. */
    double run() throws IOException {
        return program.millisOf(SAYS);
    }
}
