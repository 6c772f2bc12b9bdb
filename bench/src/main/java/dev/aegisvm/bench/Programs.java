package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.TextResource;
import dev.aegisvm.testkit.*;

/** Whole processes, as a person starts them. */
final class Programs {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    /** A spare is made a second after the last start, and one is used up in each run. */
    private static final int SPARE_RUNS = 30;
    /** What a VM has by default. */
    static final int MEMORY_MB = 512;
    /** Ends when a daemon has said in its log, $0, so often, $1, that it has made a spare machine. */
    private static final String AWAIT_SPARES =
            "grep -m \"$1\" ' spare: a machine of .* waits, ' <(exec tail -n +1 -f --pid=$$ \"$0\" 2>/dev/null)";

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
                fromSpares(sandbox, turns);
            }
            Metric run = echo(sandbox, turns, "from a template", () -> {});
            turns.program(
                            "run.image",
                            "  `aegis run --image …`, from a template",
                            "hi\n",
                            () -> sandbox.aegis("run", "--image", name, "--", "echo", "hi"))
                    .atMostMore(15, run);
            turns.run(5);
            sandbox.aegis("image", "delete", name);
        }
    }

    private static void fromSpares(Sandbox sandbox, Turns turns) throws IOException {
        try (Sandbox sparing = sandbox.withSpare()) {
            // The first start tells the daemon which machines to keep.
            sparing.aegis("run", "--", "echo", "hi");
            String log = sparing.home().daemonLog().toString();
            AtomicInteger made = new AtomicInteger(1);
            Turns.Task awaitNext =
                    () -> Tool.run("timeout", "60", "bash", "-c", AWAIT_SPARES, log, "" + made.incrementAndGet());
            awaitNext.run();
            echo(sparing, turns, "from a spare", awaitNext);
            turns.run(2, SPARE_RUNS);
        }
    }

    private static Metric echo(Sandbox sandbox, Turns turns, String way, Turns.Task after) throws IOException {
        boolean spare = way.endsWith("spare");
        String name = spare ? "run.spare" : "run";
        String title = "`aegis run -- echo hi`, " + way;
        Metric run = turns.program(name, title, "hi\n", () -> sandbox.aegis("run", "--", "echo", "hi"))
                .at(Plot.ECHO, "aegis run, " + way, 0);
        // Once the next spare waits, nothing is made beside what follows.
        turns.step(after);
        String same = "  gVisor: `runsc run` of the same";
        Runsc.find(sandbox)
                .map(runsc -> turns.program(name + ".runsc", same, "hi\n", () -> runsc.run("echo", "hi")))
                .ifPresent(other -> run.atMostTimes(spare ? 1.4 : 2.2, other.at(Plot.ECHO, "runsc run", 0)));
        PlainQemu plain = PlainQemu.saved(sandbox, MEMORY_MB);
        turns.time(name + ".qemu", PlainQemu.RESTORED, plain::restore).at(Plot.ECHO, "QEMU, restored", 0);
        return run;
    }

    /** {@code aegis status} against a bare JVM: a jar on it without options. */
    static void status(Sandbox sandbox, Turns turns) throws IOException {
        String java = System.getProperty("java.home") + "/bin/java";
        String jar =
                Hello.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        String says = sandbox.aegis("status");
        turns.program("status", "`aegis status`, whole process", says, () -> sandbox.aegis("status"))
                .atMostTimes(
                        3,
                        turns.program(
                                "status.jvm",
                                "  a bare JVM's hello world",
                                "hello\n",
                                () -> Tool.run(java, "-cp", jar, Hello.class.getName())));
        turns.run(10);
    }

    static String resource(String name) {
        return TextResource.of(Programs.class, name);
    }

    /** Compiles a program whose source is a resource, to be static. */
    static void compile(String name, Path program) throws IOException {
        Path source = Files.writeString(program.resolveSibling(name), resource(name));
        Tool.run("gcc", "-O2", "-static", "-o", program.toString(), source.toString());
    }
}
