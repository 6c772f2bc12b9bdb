package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;

/** What clients of an exposed port wait for. One at a time, by the state of the instance, is a part of {@link Soak}. */
final class Ports {
    private static final List<Integer> STORMS = List.of(1, 10, 100, 1000);

    private Ports() {}

    /** More and more clients at once. */
    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client();
                LoadTarget target = LoadTarget.start(sandbox, client)) {
            long daemon = client.call(Routes.STATUS).pid();
            for (int clients : STORMS) {
                double before = ProcFile.residentMb(daemon);
                ProcFile.forgetHighest(daemon);
                storm(client, target, turns, clients);
                String title = "most memory of the daemon while " + clients + " are served at once";
                turns.value("wake.memory." + clients, title, "MB", ProcFile.highestMb(daemon));
                turns.value("wake.memory.before." + clients, "  before them", "MB", before);
            }
        }
    }

    /** They have to cause one boot; and the same of an instance that runs. */
    private static void storm(DaemonClient client, LoadTarget target, Turns turns, int clients) throws IOException {
        Metric stopped = turns.metric(
                        "wake.storm." + clients, clients + " at once to a stopped instance, until all are served")
                .at(Plot.CONNECTIONS, "to a stopped instance", clients);
        Metric running = turns.metric("wake.storm.running." + clients, "  to a running one")
                .at(Plot.CONNECTIONS, "to a running instance", clients);
        turns.step(() -> {
            target.stop();
            long boots =
                    client.call(Routes.STATS, target.id()).wakes().stopped().count();
            turns.keep(stopped, Turns.millis(() -> Turns.atOnce(clients, target::firstByteMillis)));
            long more = client.call(Routes.STATS, target.id()).wakes().stopped().count() - boots;
            if (more != 1) {
                throw new IOException(clients + " clients at once caused " + more + " boots, not one");
            }
            turns.keep(running, Turns.millis(() -> Turns.atOnce(clients, target::firstByteMillis)));
        });
        turns.run(1, 5);
    }

    /** A byte over an open connection and back, in turn with a virtio port that has a VM of its own. */
    static void echo(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client();
                CopierVm port = CopierVm.start(sandbox);
                LoadTarget target = LoadTarget.start(sandbox, client);
                Socket socket = target.connect(LoadTarget.ECHO)) {
            turns.time("relay.echo", "echo of a byte over an open connection", () -> {
                socket.getOutputStream().write('x');
                if (socket.getInputStream().read() != 'x') {
                    throw new IOException("the byte did not come back");
                }
            });
            String alone = "  the virtio port alone, no TCP in the guest";
            turns.time("relay.echo.port", alone, port::echo);
            turns.run(20);
        }
    }
}
