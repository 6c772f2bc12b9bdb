package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/** Whole processes, as a person starts them. */
final class Programs {
    private static final String HELLO = """
            public class Hello {
                public static void main(String[] arguments) {
                    System.out.println("hello");
                }
            }
            """;

    private Programs() {}

    /** {@code aegis run -- echo hi}: a process of ours, a VM, a process in it, and all gone again. */
    static void run(Sandbox sandbox, Turns turns) throws IOException {
        TimedProcess run = sandbox.aegis("run", "--", "echo", "hi");
        turns.each("run", "`aegis run -- echo hi`, whole process", () -> run.millisOf("hi\n"))
                .atMost(400);
        turns.run(5);
    }

    /** {@code aegis status} against a bare JVM. */
    static void status(Sandbox sandbox, Turns turns) throws IOException {
        TimedProcess bare = bareJvm(sandbox.scratch("jvm"));
        TimedProcess status = sandbox.aegis("status");
        String says = status.output();
        turns.each("status", "`aegis status`, whole process", () -> status.millisOf(says))
                .atMostTimes(3, turns.each("status.jvm", "  in turn with it: a bare JVM's hello world", () -> {
                    return bare.millisOf("hello\n");
                }));
        turns.run(10);
    }

    /** The least that a Java program can do: print a word, from a jar, on a JVM without options. */
    private static TimedProcess bareJvm(Path directory) throws IOException {
        String programs = System.getProperty("java.home") + "/bin/";
        Path source = Files.writeString(directory.resolve("Hello.java"), HELLO);
        String jar = directory.resolve("hello.jar").toString();
        Tool.run(programs + "javac", "-d", directory.toString(), source.toString());
        Tool.run(programs + "jar", "cf", jar, "-C", directory.toString(), "Hello.class");
        return new TimedProcess(new ProcessBuilder(programs + "java", "-cp", jar, "Hello"));
    }

    /** How long a person who types in {@code aegis shell} waits for the echo of a key. */
    static void keys(Sandbox sandbox, Turns turns) throws IOException {
        int warmUp = 20;
        int keys = warmUp + turns.runs();
        sandbox.with(Sandbox.IDLE, (client, id) -> {
            // A program types, since Java cannot open a pseudo terminal.
            List<Double> millis = new TimedProcess(sandbox.command(
                            "python3", "-c", resource("keystrokes.py"), sandbox.program("aegis"), id, "" + keys))
                    .output()
                    .lines()
                    .map(Double::parseDouble)
                    .toList();
            if (millis.size() != keys) {
                throw new IOException("the shell ended after " + millis.size() + " keys of " + keys);
            }
            return turns.values("keystroke", "key in `aegis shell` until its echo", "ms", millis.subList(warmUp, keys))
                    .atMost(10);
        });
    }

    static String resource(String name) throws IOException {
        try (InputStream text = Objects.requireNonNull(Programs.class.getResourceAsStream(name), name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** What a newcomer does first: a fresh clone, an empty home, one command. */
    static void fresh(Sandbox sandbox, Turns turns) throws IOException {
        Path clone = sandbox.scratch("fresh").resolve("clone");
        double millis = Turns.millis(() -> {
            Tool.run("git", "clone", "-q", "file://" + sandbox.checkout(), clone.toString());
            inClone(sandbox, clone, "run", "--", "echo", "hello").millisOf("hello\n");
        });
        inClone(sandbox, clone, "down").output();
        turns.value("fresh", "fresh clone → hello", "s", millis / 1000)
                .atMost(300)
                .note("one run; home, cache and Maven's repository were empty, the system's packages installed");
    }

    private static TimedProcess inClone(Sandbox sandbox, Path clone, String... words) throws IOException {
        Path home = sandbox.scratch("fresh-home");
        ProcessBuilder aegis = new ProcessBuilder(clone.resolve("aegis").toString()).directory(clone.toFile());
        aegis.command().addAll(List.of(words));
        aegis.environment().put("AEGIS_HOME", home.toString());
        aegis.environment().put("AEGIS_CACHE", home.resolve("cache").toString());
        aegis.environment().put("MAVEN_ARGS", "-Dmaven.repo.local=" + sandbox.scratch("fresh-m2"));
        return new TimedProcess(aegis);
    }
}
