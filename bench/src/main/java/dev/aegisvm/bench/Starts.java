package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.client.*;
import dev.aegisvm.testkit.TestHome;

/** How long the start of an instance takes, by the daemon's clock, and the start of a daemon. */
final class Starts {
    private static final int STOPPED = 1000;
    private static final int AT_ONCE = 8;

    private Starts() {}

    /** A new one from the template, with the stages of its boot; by a client's clock, too. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        turns.step(() -> {
            long begin = System.nanoTime();
            try (Instance instance = sandbox.start(Sandbox.ECHO)) {
                turns.keep("start.answered", (System.nanoTime() - begin) / 1e6);
                turns.keep("start", instance.bootMillis("template"));
                instance.boot().stages().forEach((stage, took) -> turns.keep("start." + stage, took));
            }
        });
        turns.time("start.qemu", PlainQemu.saved(sandbox, Sandbox.USUAL_MB)::restore);
        turns.run(5);
        for (int size : Sandbox.SIZES_MB) {
            CreateInstance create = Sandbox.ECHO.withMemoryMb(size);
            sandbox.awaitTemplate(create);
            turns.each("start." + size, () -> sandbox.startMillis(create, "template"));
            turns.time("start." + size + ".qemu", PlainQemu.saved(sandbox, size)::restore);
            turns.run(2, 30);
        }
    }

    /** A start from the template in turn with a cold boot, by a daemon that cannot save a machine. */
    static void cold(Sandbox sandbox, Turns turns) throws IOException {
        try (Sandbox bare = sandbox.withQemu("""
            case "$*" in *share=on*) exit 1 ;; esac
            exec /usr/bin/qemu-system-x86_64 "$@"
            """)) {
            turns.each("cold", () -> bare.startMillis(Sandbox.ECHO, "cold"));
            for (int i = 0; i < 3; i++) {
                turns.each("cold.template", () -> sandbox.startMillis(Sandbox.ECHO, "template"));
            }
            turns.time("cold.qemu", PlainQemu.saved(sandbox, Sandbox.USUAL_MB)::boot);
            // Each takes several seconds under emulation.
            turns.run(1, 10);
        }
    }

    /** How long a daemon takes to its first answer when there are many stopped instances, and when there are none. */
    static void daemon(Sandbox sandbox, Turns turns) throws IOException {
        // Instances are made on a daemon whose QEMU cannot run, so that a thousand of them take seconds.
        try (Sandbox many = sandbox.withQemu("exit 1");
                Sandbox none = sandbox.withQemu("exit 1")) {
            Turns.atOnce(Collections.nCopies(AT_ONCE, () -> {
                for (int i = 0; i < STOPPED / AT_ONCE; i++) {
                    many.call(Routes.CREATE.with(CreateInstance.of(List.of("true"))));
                }
            }));
            many.aegis("down");
            none.aegis("down");
            turns.each("daemon", () -> daemonMillis(many, STOPPED));
            turns.each("daemon.empty", () -> daemonMillis(none, 0));
            turns.run(2, 20);
        }
    }

    /** Starts a daemon, with the usual QEMU, and ends it again; milliseconds from its spawn to its first answer. */
    private static double daemonMillis(Sandbox sandbox, int instances) throws IOException {
        AegisHome home = new AegisHome.Places(sandbox.home().root(), TestHome.sharedCache());
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
