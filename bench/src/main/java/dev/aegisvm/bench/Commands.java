package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.*;

/** Commands as whole processes, as a person starts them, and what programs ask the daemon for. */
final class Commands {
    private static final Path BUSYBOX = Path.of("/bin/busybox");
    private static final ExecRequest TRUE = ExecRequest.of(List.of("true"));
    /** A spare is made a second after the last start, and one is used up in each run. */
    private static final int SPARE_RUNS = 30;
    /** Ends when a daemon has said in its log, $0, so often, $1, that it has made a spare machine. */
    private static final String AWAIT_SPARES =
            "grep -m \"$1\" ' spare: a machine of .* waits, ' <(exec tail -n +1 -f --pid=$$ \"$0\" 2>/dev/null)";

    private Commands() {}

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
        turns.time(name + ".qemu", PlainQemu.saved(sandbox, Sandbox.USUAL_MB)::restore);
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

    /** The least that a Java program can do: print a word. */
    static final class Hello {
        private Hello() {}

        public static void main(String[] words) {
            System.out.println("hello");
        }
    }

    static void exec(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient kept = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            turns.time("exec", () -> exec(kept, box.id()));
            turns.time("exec.new", () -> {
                try (DaemonClient client = sandbox.client()) {
                    exec(client, box.id());
                }
            });
            turns.run(20);
            turns.program("exec.cli", "", () -> box.exec("true"));
            Optional<Runsc> runsc = Runsc.find(sandbox);
            if (runsc.isPresent()) {
                turns.program("exec.runsc", "", () -> runsc.get().exec("true"));
                runsc.get().whileOneSleeps(() -> turns.run(5));
            } else {
                turns.run(5);
            }
        }
    }

    /** Runs {@code true} to its end, answered in lines of JSON: what a small program against the API does. */
    static void exec(DaemonClient client, String id) throws IOException {
        String answer = new String(client.json(Routes.EXEC.with(TRUE, id)), StandardCharsets.UTF_8).strip();
        String last = answer.substring(answer.lastIndexOf('\n') + 1);
        ExecDone done = ApiJson.answer(ExecDone.class, last.getBytes(StandardCharsets.UTF_8));
        if (!done.done() || done.exitCode() != 0) {
            throw new IOException("an exec ended so: " + last);
        }
    }

    /** How long a paused VM takes until its guest answers again, and how long it takes to pause it. */
    static void resume(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            String id = box.id();
            // Each turn begins as the one before it ended.
            client.call(Routes.PAUSE, id);
            turns.time("resume", () -> client.call(Routes.RESUME, id));
            turns.step(() -> client.call(Routes.PAUSE, id));
            turns.time("resume.exec", () -> exec(client, id));
            turns.time("resume.exec.awake", () -> exec(client, id));
            turns.time("resume.pause", () -> client.call(Routes.PAUSE, id));
            turns.run(5);
        }
    }
}
