package dev.aegisvm.bench;

import dev.aegisvm.bench.Measure.Turns;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Whole processes, as a person starts them. */
final class Commands {
    private static final String HELLO = """
            public class Hello {
                public static void main(String[] arguments) {
                    System.out.println("hello");
                }
            }
            """;

    private Commands() {}

    /** {@code aegis run -- echo hi}: a process of ours, a VM, a process in it, and all gone again. */
    static List<Row> run(Sandbox sandbox, int runs) throws IOException {
        TimedProcess run = sandbox.aegis("run", "--", "echo", "hi");
        return List.of(new Turns()
                .each("run", () -> run.millisOf("hi\n"))
                .run(5, runs)
                .row("run", "`aegis run -- echo hi`, whole process")
                .atMost(400));
    }

    /** {@code aegis status} against a bare JVM. */
    static List<Row> status(Sandbox sandbox, int runs) throws IOException {
        TimedProcess bare = bareJvm(sandbox.scratch("jvm"));
        TimedProcess status = sandbox.aegis("status");
        String says = status.mustEnd();
        Turns turns = new Turns()
                .each("status", () -> status.millisOf(says))
                .each("status.jvm", () -> bare.millisOf("hello\n"))
                .run(10, runs);
        Row other = turns.row("status.jvm", "  in turn with it: a bare JVM's hello world");
        return List.of(turns.row("status", "`aegis status`, whole process").atMostTimes(3, other), other);
    }

    /** The least that a Java program can do: print a word, from a jar, on a JVM without options. */
    private static TimedProcess bareJvm(Path directory) throws IOException {
        Path programs = Path.of(System.getProperty("java.home"), "bin");
        Path source = Files.writeString(directory.resolve("Hello.java"), HELLO);
        String jar = directory.resolve("hello.jar").toString();
        TimedProcess.of(programs.resolve("javac").toString(), "-d", directory.toString(), source.toString())
                .mustEnd();
        TimedProcess.of(programs.resolve("jar").toString(), "cf", jar, "-C", directory.toString(), "Hello.class")
                .mustEnd();
        return TimedProcess.of(programs.resolve("java").toString(), "-cp", jar, "Hello");
    }

    /** How long a person who types in {@code aegis shell} waits for the echo of a key. */
    static List<Row> keys(Sandbox sandbox, int runs) throws IOException {
        int warmUp = 20;
        int keys = warmUp + runs;
        return sandbox.withIdle((client, id) -> {
            // A program types, since Java cannot open a pseudo terminal.
            List<Double> millis = sandbox.command(List.of(
                            "python3", "-c", resource("keystrokes.py"), sandbox.program("aegis"), id, "" + keys))
                    .mustEnd()
                    .lines()
                    .map(Double::parseDouble)
                    .toList();
            if (millis.size() != keys) {
                throw new IOException("the shell ended after " + millis.size() + " keys of " + keys);
            }
            return List.of(
                    Row.of("keystroke", "key in `aegis shell` until its echo", "ms", millis.subList(warmUp, keys))
                            .atMost(10));
        });
    }

    /** A text among the classes of the bench. */
    static String resource(String name) throws IOException {
        try (InputStream text = Objects.requireNonNull(Commands.class.getResourceAsStream(name), name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What a newcomer does first: a fresh clone, an empty home, one command. */
    static List<Row> fresh(Sandbox sandbox, int runs) throws IOException {
        Path clone = sandbox.scratch("fresh").resolve("clone");
        Path home = sandbox.scratch("fresh-home");
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put("AEGIS_HOME", home.toString());
        environment.put("AEGIS_CACHE", home.resolve("cache").toString());
        environment.put("MAVEN_ARGS", "-Dmaven.repo.local=" + sandbox.scratch("fresh-m2"));
        String aegis = clone.resolve("aegis").toString();
        Duration limit = Duration.ofMinutes(20);
        double millis = Measure.millis(() -> {
            TimedProcess.of("git", "clone", "-q", "file://" + sandbox.checkout(), clone.toString())
                    .mustEnd();
            new TimedProcess(List.of(aegis, "run", "--", "echo", "hello"), environment, clone, limit)
                    .millisOf("hello\n");
        });
        new TimedProcess(List.of(aegis, "down"), environment, clone, limit).run();
        return List.of(Row.of("fresh", "fresh clone → hello", "s", List.of(millis / 1000))
                .atMost(300)
                .note("one run; home, cache and Maven's repository were empty, the system's packages installed"));
    }
}
