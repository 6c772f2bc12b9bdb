package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.CopierVm.Job;
import dev.aegisvm.client.DaemonClient;

/** What a client of a port of a guest waits for when the instance sleeps, and what an open connection can do. */
final class Ports {
    private static final int STORM = 1000;
    private static final int STOPS = 30;
    private static final int PIECE = 1 << 16;

    private Ports() {}

    /**
     * Connections to sleeping instances. Under emulation a stopped one is woken with a spare machine waiting, as users have it
     * there, and without any.
     */
    static void wake(Sandbox sandbox, Turns turns) throws IOException {
        String title = "connect to a stopped instance → first byte";
        try (DaemonClient client = sandbox.client();
                LoadTarget target = LoadTarget.start(sandbox, client)) {
            paused(target, turns);
            if (sandbox.emulated()) {
                stoppedWithSpare(sandbox, title, turns);
                stopped(target, turns, "wake.stopped.bare", "  to one with a workspace, which no spare serves");
            } else {
                stopped(target, turns, "wake.stopped", title).atMost(400);
            }
            storm(client, target, turns);
        }
    }

    private static void paused(LoadTarget target, Turns turns) throws IOException {
        String title = "connect to a paused instance → first byte, beyond a running one";
        Metric paused = turns.metric("wake.paused", title).atMost(15, 60);
        Metric running = turns.metric("wake.running", "  to a running one");
        turns.step(() -> {
            double awake = target.firstByteMillis();
            target.client().call(Routes.PAUSE, target.id());
            turns.keep(paused, target.firstByteMillis() - awake);
            turns.keep(running, awake);
        });
        turns.run(5);
    }

    private static Metric stopped(LoadTarget target, Turns turns, String name, String title) throws IOException {
        turns.step(target::stop);
        Metric stopped = turns.each(name, title, target::firstByteMillis);
        turns.run(1, STOPS);
        return stopped;
    }

    private static void stoppedWithSpare(Sandbox sandbox, String title, Turns turns) throws IOException {
        try (Sandbox sparing = sandbox.withSpare();
                DaemonClient client = sparing.client();
                SpareWatch spares = new SpareWatch(sparing.home().daemonLog())) {
            LoadTarget target = LoadTarget.stopped(sparing, client);
            turns.each("wake.stopped", title + ", from a spare", () -> {
                        spares.awaitNext();
                        double millis = target.firstByteMillis();
                        Sandbox.millis(sparing.boot(client, target.id()), "spare");
                        target.stop();
                        return millis;
                    })
                    .atMost(400);
            turns.run(1, STOPS);
        }
    }

    /** They have to cause one boot. */
    private static void storm(DaemonClient client, LoadTarget target, Turns turns) throws IOException {
        target.stop();
        long daemon = client.call(Routes.STATUS).pid();
        long boots = client.call(Routes.STATS, target.id()).wakes().stopped().count();
        ProcFile.forgetHighest(daemon);
        double before = ProcFile.residentMb(daemon);
        turns.time("wake.storm", STORM + " at once to a stopped instance, until all are served", () -> {
            Turns.atOnce(STORM, target::firstByteMillis);
        });
        turns.run(0, 1);
        double grown = ProcFile.highestMb(daemon) - before;
        turns.value("wake.storm.daemon", "  memory of the daemon at its highest, beyond what it had", "MB", grown)
                .atMost(256);
        long more = client.call(Routes.STATS, target.id()).wakes().stopped().count() - boots;
        if (more != 1) {
            throw new IOException(STORM + " clients at once caused " + more + " boots, not one");
        }
    }

    /** An open connection, in turn with a copier that does no more than it must. */
    static void relay(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client();
                CopierVm copier = CopierVm.start(sandbox);
                LoadTarget target = LoadTarget.start(sandbox, client);
                Socket socket = target.connect(LoadTarget.ECHO)) {
            Metric echo = turns.time("relay.echo", "echo of a byte over an open connection", () -> echo(socket));
            String through = "  through a copier in C, in turn with it";
            echo.atMostTimes(3, turns.time("relay.echo.copier", through, copier::echo));
            turns.run(20);
            String without = "  a copier in C, without frames";
            String alone = "  the virtio port alone, no TCP in the guest";
            turns.rate("relay.from", "256 MiB from the guest over one connection", () -> receive(target))
                    .atLeastPercent(80, copier.rate(turns, "relay.from.copier", without, Job.FROM_SERVER));
            copier.rate(turns, "relay.from.port", alone, Job.FROM_PORT);
            turns.rate("relay.to", "256 MiB to the guest over one connection", () -> send(target))
                    .atLeastPercent(80, copier.rate(turns, "relay.to.copier", without, Job.TO_SERVER));
            copier.rate(turns, "relay.to.port", alone, Job.TO_PORT);
            turns.run(0, 5);
        }
    }

    private static void echo(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        if (socket.getInputStream().read() != 'x') {
            throw new IOException("the byte did not come back");
        }
    }

    private static void receive(LoadTarget target) throws IOException {
        try (Socket socket = target.connect(LoadTarget.SOURCE)) {
            byte[] piece = new byte[PIECE];
            for (long total = 0; total < Bytes.SIZE; total += PIECE) {
                if (socket.getInputStream().readNBytes(piece, 0, PIECE) != PIECE) {
                    throw new IOException("only some " + total + " bytes came of " + Bytes.SIZE);
                }
            }
        }
    }

    private static void send(LoadTarget target) throws IOException {
        try (Socket socket = target.connect(LoadTarget.SINK)) {
            byte[] piece = new byte[PIECE];
            for (long total = 0; total < Bytes.SIZE; total += PIECE) {
                socket.getOutputStream().write(piece);
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() != '!') {
                throw new IOException("the guest did not take it all");
            }
        }
    }
}
