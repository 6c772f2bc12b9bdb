package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;

/** What clients of an exposed port wait for. One at a time, by the state of the instance, is a part of {@link Soak}. */
final class Ports {
    private static final List<Integer> STORMS = List.of(1, 10, 100, 1000);

    private Ports() {}

    /** More and more clients at once. */
    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        try (LoadTarget target = LoadTarget.start(sandbox, LoadTarget.create(sandbox, LoadTarget.HTTP))) {
            long daemon = sandbox.daemon();
            for (int clients : STORMS) {
                double before = ProcFile.residentMb(daemon);
                ProcFile.forgetHighest(daemon);
                storm(target, turns, clients);
                String title = "most memory of the daemon while " + clients + " are served at once";
                turns.value("wake.memory." + clients, title, "MB", ProcFile.highestMb(daemon));
                turns.value("wake.memory.before." + clients, "  before them", "MB", before);
            }
        }
    }

    /** They have to cause one boot; and the same of an instance that runs. */
    private static void storm(LoadTarget target, Turns turns, int clients) throws IOException {
        AtomicLong boots = new AtomicLong();
        Turns.Task storm = () -> Turns.atOnce(clients, target::get);
        turns.step(() -> {
            target.instance().call(Routes.STOP);
            boots.set(boots(target));
        });
        String title = clients + " at once to a stopped instance, until all are served";
        turns.time("wake.storm." + clients, title, storm).at(Plot.CONNECTIONS, "to a stopped instance", clients);
        turns.step(() -> {
            if (boots(target) != boots.get() + 1) {
                throw new IOException(
                        clients + " clients at once caused " + (boots(target) - boots.get()) + " boots, not one");
            }
        });
        turns.time("wake.storm.running." + clients, "  to a running one", storm)
                .at(Plot.CONNECTIONS, "to a running instance", clients);
        turns.run(1, 5);
    }

    private static long boots(LoadTarget target) throws IOException {
        return target.instance().call(Routes.STATS).wakes().stopped().count();
    }

    /** A byte over an open connection and back, in turn with a virtio port that has a VM of its own. */
    static void echo(Sandbox sandbox, Turns turns) throws IOException {
        try (CopierVm port = CopierVm.start(sandbox);
                LoadTarget target =
                        LoadTarget.start(sandbox, LoadTarget.create(sandbox, LoadTarget.HTTP, LoadTarget.ECHO));
                Socket socket = target.connect(LoadTarget.ECHO)) {
            turns.time("relay.echo", "echo of a byte over an open connection", () -> LoadTarget.echo(socket));
            turns.time("relay.echo.port", "  the virtio port alone, no TCP in the guest", port::echo);
            turns.run(20);
        }
    }
}
