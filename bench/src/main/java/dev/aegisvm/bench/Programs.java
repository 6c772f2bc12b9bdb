package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.*;

/** Whole processes, as a person starts them. */
final class Programs {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    /** A spare is made a second after the last start, and one is used up in each run. */
    private static final int SPARE_RUNS = 30;
    /** Ends when a daemon has said in its log, $0, so often, $1, that it has made a spare machine. */
    private static final String AWAIT_SPARES =
            "grep -m \"$1\" ' spare: a machine of .* waits, ' <(exec tail -n +1 -f --pid=$$ \"$0\" 2>/dev/null)";

    private Programs() {}

    /** {@code aegis run -- echo hi}: our process, a VM and a process in it, to the end; and the same of others. */
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
            echo(sandbox, turns, "run", () -> {});
            turns.program("run.image", "hi\n", () -> sandbox.aegis("run", "--image", name, "--", "echo", "hi"));
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
            echo(sparing, turns, "run.spare", awaitNext);
            turns.run(2, SPARE_RUNS);
        }
    }

    /** @param after what is awaited after each run: once the next spare waits, nothing is made beside what follows */
    private static void echo(Sandbox sandbox, Turns turns, String name, Turns.Task after) throws IOException {
        turns.program(name, "hi\n", () -> sandbox.aegis("run", "--", "echo", "hi"));
        turns.step(after);
        Runsc.find(sandbox)
                .ifPresent(runsc -> turns.program(name + ".runsc", "hi\n", () -> runsc.run("run", "echo", "hi")));
        PlainQemu plain = PlainQemu.saved(sandbox, Memory.USUAL_MB);
        turns.time(name + ".qemu", plain::restore);
    }

    /** {@code aegis status} against a bare JVM: a jar on it without options. */
    static void status(Sandbox sandbox, Turns turns) throws IOException {
        String java = System.getProperty("java.home") + "/bin/java";
        String jar =
                Hello.class.getProtectionDomain().getCodeSource().getLocation().getPath();
        String says = sandbox.aegis("status");
        turns.program("status", says, () -> sandbox.aegis("status"));
        turns.program("status.jvm", "hello\n", () -> Tool.run(java, "-cp", jar, Hello.class.getName()));
        turns.run(10);
    }
}
