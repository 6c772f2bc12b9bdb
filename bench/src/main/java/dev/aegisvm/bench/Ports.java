package dev.aegisvm.bench;

import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What a client of a port of a guest waits for when the instance sleeps, and what an open connection can do. */
final class Ports {
    private static final int STORM = 1000;
    private static final int PIECE = 1 << 16;

    private Ports() {}

    /**
     * Connections to sleeping instances. Under emulation a stopped one is woken with a spare machine waiting, as users have it
     * there, and without any.
     */
    static List<Row> wake(Sandbox sandbox, int runs) throws IOException {
        Turns paused = new Turns();
        Turns stopped = new Turns();
        Turns storm = new Turns();
        int stops = Math.min(runs, 30);
        try (DaemonClient client = sandbox.client()) {
            LoadTarget target = LoadTarget.start(sandbox, client);
            try {
                paused.each("wake.paused", () -> {
                            double awake = paused.keep("wake.running", target.firstByteMillis());
                            client.call(Routes.PAUSE, target.id());
                            return target.firstByteMillis() - awake;
                        })
                        .run(5, runs);
                stopped.each("wake.stopped.bare", () -> {
                            client.call(Routes.STOP, target.id());
                            return target.firstByteMillis();
                        })
                        .run(1, stops);
                storm(client, target, storm);
            } finally {
                client.call(Routes.DELETE, target.id());
            }
        }
        Row more = paused.row("wake.paused", "connect to a paused instance → first byte, beyond a running one");
        List<Row> rows = new ArrayList<>();
        rows.add(more.judged(Row.Verdict.atMost(15, 60, more.percentiles(), "ms")));
        rows.add(paused.row("wake.running", "  to a running one"));
        rows.addAll(stopped(sandbox, stopped, stops));
        rows.add(storm.row("wake.storm", STORM + " at once to a stopped instance, until all are served"));
        rows.add(storm.row("wake.storm.daemon", "  memory of the daemon at its highest, beyond what it had", "MB")
                .atMost(256));
        return rows;
    }

    private static List<Row> stopped(Sandbox sandbox, Turns bare, int stops) throws IOException {
        String what = "connect to a stopped instance → first byte";
        Row withoutSpare = bare.row("wake.stopped.bare", "  to one with a workspace, which no spare serves");
        if (!sandbox.emulated()) {
            return List.of(
                    Row.of("wake.stopped", what, "ms", withoutSpare.samples()).atMost(400));
        }
        Turns turns = new Turns();
        try (Sandbox sparing = sandbox.withSpare();
                DaemonClient client = sparing.client();
                SpareWatch spares = SpareWatch.of(sparing.daemonLog())) {
            LoadTarget target = LoadTarget.stopped(sparing, client);
            turns.each("wake.stopped", () -> wokenFromSpare(sparing, client, target, spares))
                    .run(1, stops);
        }
        return List.of(turns.row("wake.stopped", what + ", from a spare").atMost(400), withoutSpare);
    }

    /** Milliseconds until it answers; it is stopped again. */
    private static double wokenFromSpare(Sandbox sandbox, DaemonClient client, LoadTarget target, SpareWatch spares)
            throws IOException {
        spares.awaitNext();
        double millis = target.firstByteMillis();
        Sandbox.millis(sandbox.boot(client, target.id()), "spare");
        client.call(Routes.STOP, target.id());
        return millis;
    }

    /** They have to cause one boot. */
    private static void storm(DaemonClient client, LoadTarget target, Turns turns) throws IOException {
        client.call(Routes.STOP, target.id());
        long daemon = client.call(Routes.STATUS).pid();
        long boots = client.call(Routes.STATS, target.id()).wakes().stopped().count();
        ProcFile.forgetHighest(daemon);
        double before = ProcFile.residentMb(daemon);
        turns.each("wake.storm", () -> allAtOnce(target)).run(0, 1);
        turns.keep("wake.storm.daemon", ProcFile.highestMb(daemon) - before);
        long more = client.call(Routes.STATS, target.id()).wakes().stopped().count() - boots;
        if (more != 1) {
            throw new IOException(STORM + " clients at once caused " + more + " boots, not one");
        }
    }

    private static double allAtOnce(LoadTarget target) throws IOException {
        long begin = System.nanoTime();
        List<CompletableFuture<Double>> clients = new ArrayList<>();
        for (int i = 0; i < STORM; i++) {
            clients.add(CompletableFuture.supplyAsync(() -> unchecked(target), Thread::startVirtualThread));
        }
        try {
            clients.forEach(CompletableFuture::join);
        } catch (CompletionException failed) {
            throw new IOException("not all of " + STORM + " clients were served: " + failed.getCause(), failed);
        }
        return (System.nanoTime() - begin) / 1e6;
    }

    private static double unchecked(LoadTarget target) {
        try {
            return target.firstByteMillis();
        } catch (IOException failure) {
            throw new CompletionException(failure);
        }
    }

    /** An open connection, in turn with a copier that does no more than it must. */
    static List<Row> relay(Sandbox sandbox, int runs) throws IOException {
        Turns echoes = new Turns();
        Turns rates = new Turns();
        try (DaemonClient client = sandbox.client();
                CopierVm copier = CopierVm.start(sandbox)) {
            LoadTarget target = LoadTarget.start(sandbox, client);
            try (Socket socket = target.connect(LoadTarget.ECHO)) {
                echoes.each("relay.echo", () -> Measure.millis(() -> echo(socket)))
                        .each("relay.health", copier::health)
                        .run(20, runs);
                rates.each("relay.from", () -> received(target))
                        .each("relay.from.copier", () -> copier.rate(CopierVm.Job.FROM_SERVER))
                        .each("relay.from.port", () -> copier.rate(CopierVm.Job.FROM_PORT))
                        .each("relay.to", () -> sent(target))
                        .each("relay.to.copier", () -> copier.rate(CopierVm.Job.TO_SERVER))
                        .each("relay.to.port", () -> copier.rate(CopierVm.Job.TO_PORT))
                        .run(0, Math.min(runs, 5));
            } finally {
                client.call(Routes.DELETE, target.id());
            }
        }
        Row bare = echoes.row("relay.health", "  `health` of a harness without a daemon, in turn with it");
        List<Row> rows = new ArrayList<>();
        rows.add(echoes.row("relay.echo", "echo of a byte over an open connection")
                .atMostTimes(3, bare));
        rows.add(bare);
        rows.addAll(rates(rates, "relay.from", "256 MiB from the guest over one connection"));
        rows.addAll(rates(rates, "relay.to", "256 MiB to the guest over one connection"));
        return rows;
    }

    private static List<Row> rates(Turns turns, String name, String title) {
        Row best = turns.row(name + ".copier", "  a copier in C, without frames", "MB/s");
        return List.of(
                turns.row(name, title, "MB/s").atLeastPercent(80, best),
                best,
                turns.row(name + ".port", "  the virtio port alone, no TCP in the guest", "MB/s"));
    }

    private static void echo(Socket socket) throws IOException {
        socket.getOutputStream().write('x');
        if (socket.getInputStream().read() != 'x') {
            throw new IOException("the byte did not come back");
        }
    }

    private static double received(LoadTarget target) throws IOException {
        byte[] piece = new byte[PIECE];
        long begin = System.nanoTime();
        try (Socket socket = target.connect(LoadTarget.SOURCE)) {
            InputStream in = socket.getInputStream();
            long total = 0;
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                total += count;
            }
            if (total != LoadTarget.BYTES) {
                throw new IOException(total + " bytes came of " + LoadTarget.BYTES);
            }
        }
        return LoadTarget.rate(begin);
    }

    private static double sent(LoadTarget target) throws IOException {
        byte[] piece = new byte[PIECE];
        long begin = System.nanoTime();
        try (Socket socket = target.connect(LoadTarget.SINK)) {
            OutputStream out = socket.getOutputStream();
            for (long total = 0; total < LoadTarget.BYTES; total += PIECE) {
                out.write(piece);
            }
            socket.shutdownOutput();
            if (socket.getInputStream().read() != '!') {
                throw new IOException("the guest did not take it all");
            }
        }
        return LoadTarget.rate(begin);
    }
}
