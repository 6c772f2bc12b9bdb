package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * What a client of a port waits for when the instance sleeps. Under emulation a stopped one is woken with a spare machine
 * waiting, as users have it there, and without any.
 */
final class Wake implements Measure {
    private static final int WARM_UP = 5;
    private static final int MOST_STOPS = 30;
    private static final int STORM = 1000;
    private static final double WISH_PAUSED_MS = 15;
    private static final double WISH_PAUSED_RARE_MS = 60;
    private static final double WISH_STORM_MB = 256;
    private static final double WISH_STOPPED_MS = 400;

    private final AcceleratorFile accelerator;
    private final List<Double> running = new ArrayList<>();
    private final List<Double> more = new ArrayList<>();
    private final List<Double> stopped = new ArrayList<>();
    private final List<Double> stoppedWithSpare = new ArrayList<>();
    private final List<Double> storm = new ArrayList<>();
    private final List<Double> grown = new ArrayList<>();

    /** A measure with what the daemon uses. */
    Wake(AcceleratorFile accelerator) {
        this.accelerator = accelerator;
    }

    @Override
    public String title() {
        return "connections to sleeping instances";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            LoadTarget target = LoadTarget.start(sandbox, client);
            try {
                paused(client, target, runs);
                stopped(client, target, Math.min(runs, MOST_STOPS));
                storm(client, target);
            } finally {
                client.delete(target.id());
            }
        }
        if (accelerator.emulated()) {
            stoppedWithSpare(sandbox, Math.min(runs, MOST_STOPS));
        }
        List<Row> rows = new ArrayList<>(List.of(
                Row.of("wake.paused", "connect to a paused instance → first byte, beyond a running one", "ms", more)
                        .atMost(WISH_PAUSED_MS, WISH_PAUSED_RARE_MS),
                Row.of("wake.running", "  to a running one", "ms", running)));
        rows.addAll(stoppedRows());
        rows.add(Row.of("wake.storm", STORM + " at once to a stopped instance, until all are served", "ms", storm));
        rows.add(Row.of("wake.storm.daemon", "  memory of the daemon at its highest, beyond what it had", "MB", grown)
                .atMost(WISH_STORM_MB));
        return rows;
    }

    private List<Row> stoppedRows() {
        String what = "connect to a stopped instance → first byte";
        if (!accelerator.emulated()) {
            return List.of(Row.of("wake.stopped", what, "ms", stopped).atMost(WISH_STOPPED_MS));
        }
        return List.of(
                Row.of("wake.stopped", what + ", from a spare", "ms", stoppedWithSpare)
                        .atMost(WISH_STOPPED_MS),
                Row.of("wake.stopped.bare", "  to one with a workspace, which no spare serves", "ms", stopped));
    }

    private void paused(DaemonClient client, LoadTarget target, int runs) throws IOException {
        for (int i = -WARM_UP; i < runs; i++) {
            double awake = target.firstByteMillis();
            client.pause(target.id());
            double woken = target.firstByteMillis();
            if (i >= 0) {
                running.add(awake);
                more.add(woken - awake);
            }
        }
    }

    private void stopped(DaemonClient client, LoadTarget target, int runs) throws IOException {
        for (int i = -1; i < runs; i++) {
            client.stop(target.id());
            double woken = target.firstByteMillis();
            if (i >= 0) {
                stopped.add(woken);
            }
        }
    }

    private void stoppedWithSpare(Sandbox plain, int runs) throws IOException {
        try (Sandbox sandbox = plain.withSpare()) {
            sandbox.up();
            try (DaemonClient client = sandbox.client();
                    SpareWatch spares = SpareWatch.of(sandbox.daemonLog())) {
                LoadTarget target = LoadTarget.stopped(sandbox, client);
                wokenFromSpare(sandbox, client, target, spares);
                for (int i = 0; i < runs; i++) {
                    stoppedWithSpare.add(wokenFromSpare(sandbox, client, target, spares));
                }
            }
        }
    }

    /** Milliseconds until it answers; it is stopped again. */
    private static double wokenFromSpare(Sandbox sandbox, DaemonClient client, LoadTarget target, SpareWatch spares)
            throws IOException {
        spares.awaitNext();
        double millis = target.firstByteMillis();
        Sandbox.millis(sandbox.boot(client, target.id()), "spare");
        client.stop(target.id());
        return millis;
    }

    /** They have to cause one boot. */
    private void storm(DaemonClient client, LoadTarget target) throws IOException {
        client.stop(target.id());
        long daemon = client.status().pid();
        long boots = client.stats(target.id()).wakes().stopped().count();
        ProcFile.forgetHighest(daemon);
        double before = ProcFile.residentMb(daemon);
        storm.add(allAtOnce(target));
        grown.add(ProcFile.highestMb(daemon) - before);
        long more = client.stats(target.id()).wakes().stopped().count() - boots;
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
}
