package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.testkit.TestHome;

/** The daemon's own start. */
final class Daemons {
    private static final int STOPPED = 1000;
    private static final int AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private Daemons() {}

    /** How long a daemon takes to its first answer when there are many stopped instances, and when there are none. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        // Instances are made through the API on a daemon whose QEMU cannot run, so that a thousand of them take
        // seconds.
        try (Sandbox many = sandbox.withQemu("exit 1");
                Sandbox none = sandbox.withQemu("exit 1")) {
            CreateInstance create = CreateInstance.of(List.of("true"));
            Turns.atOnce(AT_ONCE, () -> {
                try (DaemonClient client = many.client()) {
                    for (int i = 0; i < STOPPED / AT_ONCE; i++) {
                        client.call(Routes.CREATE.with(create));
                    }
                }
            });
            many.aegis("down").output();
            none.aegis("down").output();
            String title = "`aegisd` spawned → first answer, " + STOPPED + " stopped instances";
            turns.each("daemon", title, () -> started(many, STOPPED))
                    .atMost(1500)
                    .note("the instances never ran: each has a record, a log and a directory, but no disk");
            turns.each("daemon.empty", "  in turn with it: no instances", () -> started(none, 0));
            turns.run(2, 20);
        }
    }

    /** Starts a daemon, with the usual QEMU, and ends it again; milliseconds from its spawn to its first answer. */
    private static double started(Sandbox sandbox, int instances) throws IOException {
        AegisHome home = new AegisHome(sandbox.home().root(), TestHome.sharedCache());
        try (DaemonClient client = sandbox.client()) {
            double millis = Turns.millis(() -> {
                new DaemonLauncher(home, Path.of(sandbox.program("aegisd")), PATIENCE).launch();
                client.call(Routes.STATUS);
            });
            int stopped =
                    client.call(Routes.LIST.to().query("state", "stopped")).size();
            if (stopped != instances) {
                throw new IOException("there are " + stopped + " stopped instances, not " + instances);
            }
            return millis;
        } finally {
            sandbox.aegis("down").output();
        }
    }
}
