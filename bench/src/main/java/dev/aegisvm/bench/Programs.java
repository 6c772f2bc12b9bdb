package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** Whole processes, as a person starts them. */
final class Programs {
    private static final String HELLO = """
            public class Hello {
                public static void main(String[] arguments) {
                    System.out.println("hello");
                }
            }
            """;

    private static final Path BUSYBOX = Path.of("/bin/busybox");
    /** A spare is made a second after the last start, and two are used up in each run. */
    private static final int SPARE_RUNS = 30;
    /** What a VM has by default. */
    static final int MEMORY_MB = 512;

    private Programs() {}

    /** {@code aegis run -- echo hi}: a process of ours, a VM, a process in it, all gone again; and the same of others. */
    static void run(Sandbox sandbox, Turns turns) throws IOException {
        Path scratch = sandbox.scratch("image");
        try (LocalRegistry registry = LocalRegistry.open(scratch)) {
            OciImage image = OciImage.empty(scratch.resolve("layout"), "small")
                    .with(BUSYBOX, "/bin/busybox")
                    .with(BUSYBOX, "/bin/echo");
            String name = registry.push(image, "small:1");
            // An image gets a template of its own after its first start.
            sandbox.awaitTemplate(Sandbox.ECHO.withImageRef(name));
            if (sandbox.emulated()) {
                fromSpares(sandbox, name, turns);
            }
            echo(sandbox, name, turns, "from a template", () -> {});
            turns.run(5);
            sandbox.aegis("image", "delete", name).output();
        }
    }

    private static void fromSpares(Sandbox sandbox, String image, Turns turns) throws IOException {
        try (Sandbox sparing = sandbox.withSpares()) {
            // The first start tells the daemon which machines to keep.
            sparing.aegis("run", "--", "echo", "hi").millisOf("hi\n");
            try (SpareWatch spares = new SpareWatch(sparing.home().daemonLog())) {
                spares.awaitNext();
                spares.awaitNext();
                echo(sparing, image, turns, "from a spare", spares::awaitNext);
                turns.run(2, SPARE_RUNS);
            }
        }
    }

    private static void echo(Sandbox sandbox, String image, Turns turns, String way, Turns.Task after)
            throws IOException {
        boolean spare = way.endsWith("spare");
        String name = spare ? "run.spare" : "run";
        TimedProcess ofBase = sandbox.aegis("run", "--", "echo", "hi");
        TimedProcess ofImage = sandbox.aegis("run", "--image", image, "--", "echo", "hi");
        Metric run = turns.each(name, "`aegis run -- echo hi`, " + way, () -> ofBase.millisOf("hi\n"))
                .at(Plot.ECHO, "aegis run, " + way, 0);
        turns.step(after);
        turns.each(name + ".image", "  `aegis run --image …`, " + way, () -> ofImage.millisOf("hi\n"))
                .atMostMore(15, run);
        // Once the next spare waits, nothing is made beside what follows.
        turns.step(after);
        Optional<Runsc> runsc = Runsc.find(sandbox, run);
        if (runsc.isPresent()) {
            TimedProcess other = runsc.get().run("echo", "hi");
            Metric gvisor =
                    turns.each(name + ".runsc", "  gVisor: `runsc run` of the same", () -> other.millisOf("hi\n"));
            run.atMostTimes(spare ? 1.4 : 2.2, gvisor);
            gvisor.at(Plot.ECHO, "runsc run", 0);
        }
        PlainQemu plain = PlainQemu.saved(sandbox, MEMORY_MB);
        turns.each(name + ".qemu", "  QEMU without us, restored, to the end of its guest", plain::restoreMillis)
                .at(Plot.ECHO, "QEMU, restored", 0);
    }

    /** {@code aegis status} against a bare JVM. */
    static void status(Sandbox sandbox, Turns turns) throws IOException {
        TimedProcess bare = bareJvm(sandbox.scratch("jvm"));
        TimedProcess status = sandbox.aegis("status");
        String says = status.output();
        turns.each("status", "`aegis status`, whole process", () -> status.millisOf(says))
                .atMostTimes(3, turns.each("status.jvm", "  a bare JVM's hello world", () -> bare.millisOf("hello\n")));
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

    static String resource(String name) throws IOException {
        try (InputStream text = Objects.requireNonNull(Programs.class.getResourceAsStream(name), name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
