package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.client.*;
import dev.aegisvm.testkit.TestHome;

/** How long an instance takes from the request to its started main process, by the daemon's clock; and the start of a daemon. */
final class Starts {
    private static final int STOPPED = 1000;
    private static final int AT_ONCE = 8;

    private Starts() {}

    /** A new one from the template, with the stages of its boot; by a client's clock, too. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        Metric start = turns.metric("start", "POST /v1/instances → main process started");
        start.atMost(100);
        PlainQemu plain = PlainQemu.saved(sandbox, Programs.MEMORY_MB);
        String answered = "  by a client's clock, until `POST /v1/instances?wait=true` is answered";
        turns.step(() -> {
            long begin = System.nanoTime();
            try (Instance instance = sandbox.start(Sandbox.ECHO)) {
                double seen = Turns.since(begin);
                BootView boot = instance.boot();
                turns.keep(start, Sandbox.millis(boot, "template"));
                boot.stages().forEach((stage, took) -> turns.keep(turns.metric("start." + stage, "  " + stage), took));
                turns.keep(turns.metric("start.answered", answered), seen);
            }
        });
        turns.time("start.qemu", PlainQemu.RESTORED, plain::restore);
        turns.run(5);
        for (int size : Memory.SIZES) {
            ofSize(sandbox, turns, size);
        }
    }

    private static void ofSize(Sandbox sandbox, Turns turns, int memoryMb) throws IOException {
        CreateInstance create = Sandbox.ECHO.withMemoryMb(memoryMb);
        sandbox.awaitTemplate(create);
        PlainQemu plain = PlainQemu.saved(sandbox, memoryMb);
        String name = "start." + memoryMb;
        turns.each(name, "of a VM of " + memoryMb + " MB", () -> sandbox.startMillis(create, "template"))
                .at(Plot.START_SIZE, "start from a template", memoryMb);
        turns.time(name + ".qemu", PlainQemu.RESTORED, plain::restore).at(Plot.START_SIZE, "QEMU, restored", memoryMb);
        turns.run(2, 30);
    }

    /** A start from the template against a boot of the same kernel and harness by a daemon that cannot save a machine. */
    static void cold(Sandbox sandbox, Turns turns) throws IOException {
        try (Sandbox bare = sandbox.withQemu("""
            case "$*" in *share=on*) exit 1 ;; esac
            exec /usr/bin/qemu-system-x86_64 "$@"
            """)) {
            String title = "cold boot, without a template → main process started";
            turns.each("cold", title, () -> bare.startMillis(Sandbox.ECHO, "cold"))
                    .atMost(3000);
            String inTurn = "  in turn with it: POST → main process started";
            for (int i = 0; i < 3; i++) {
                turns.each("cold.template", inTurn, () -> sandbox.startMillis(Sandbox.ECHO, "template"));
            }
            PlainQemu plain = PlainQemu.saved(sandbox, Programs.MEMORY_MB);
            turns.time("cold.qemu", "  QEMU without us, the same kernel, to the end of its guest", plain::boot);
            // Each takes several seconds under emulation.
            turns.run(1, 10);
        }
    }

    /** How long a daemon takes to its first answer when there are many stopped instances, and when there are none. */
    static void daemon(Sandbox sandbox, Turns turns) throws IOException {
        // Instances are made on a daemon whose QEMU cannot run, so that a thousand of them take seconds.
        try (Sandbox many = sandbox.withQemu("exit 1");
                Sandbox none = sandbox.withQemu("exit 1")) {
            Turns.atOnce(AT_ONCE, () -> {
                for (int i = 0; i < STOPPED / AT_ONCE; i++) {
                    many.call(Routes.CREATE.with(CreateInstance.of(List.of("true"))));
                }
            });
            many.aegis("down");
            none.aegis("down");
            String title = "`aegisd` spawned → first answer, " + STOPPED + " stopped instances";
            turns.each("daemon", title, () -> daemonMillis(many, STOPPED)).atMost(1500);
            turns.each("daemon.empty", "  in turn with it: no instances", () -> daemonMillis(none, 0));
            turns.run(2, 20);
        }
    }

    /** Starts a daemon, with the usual QEMU, and ends it again; milliseconds from its spawn to its first answer. */
    private static double daemonMillis(Sandbox sandbox, int instances) throws IOException {
        AegisHome home = new AegisHome(sandbox.home().root(), TestHome.sharedCache());
        try (DaemonClient client = sandbox.client()) {
            double millis = Turns.millis(() -> {
                new DaemonLauncher(home, sandbox.checkout().resolve("bin/aegisd")).launch();
                client.call(Routes.STATUS);
            });
            int stopped =
                    client.call(Routes.LIST.to().query("state", "stopped")).size();
            if (stopped != instances) {
                throw new IOException("there are " + stopped + " stopped instances, not " + instances);
            }
            return millis;
        } finally {
            sandbox.aegis("down");
        }
    }
}
