package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * A stopped instance that starts again against a new one, by the daemon's clock. Under emulation both are measured with a
 * spare machine waiting, as users have it there, and without any; all take turns.
 */
final class Restart implements Measure {
    private static final int WARM_UP = 2;
    /** A spare is made a second after the last start, and two are used up in each run. */
    private static final int MOST_RUNS = 100;

    private static final double WISH_MORE_MILLIS = 10;

    private final AcceleratorFile accelerator;
    private final List<Double> again = new ArrayList<>();
    private final List<Double> fresh = new ArrayList<>();
    private final List<Double> againFromSpare = new ArrayList<>();
    private final List<Double> freshFromSpare = new ArrayList<>();

    /** A measure with what the daemon uses. */
    Restart(AcceleratorFile accelerator) {
        this.accelerator = accelerator;
    }

    @Override
    public String title() {
        return "start of a stopped instance";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            sandbox.stoppedInstance(client);
            return accelerator.emulated() ? withSpares(sandbox, client, runs) : withoutSpares(sandbox, client, runs);
        }
    }

    private List<Row> withoutSpares(Sandbox plain, DaemonClient client, int runs) throws IOException {
        for (int i = -WARM_UP; i < runs; i++) {
            keep(i, fresh, plain.startNew(client, "template"));
            keep(i, again, plain.startAgain(client, "template-bare"));
        }
        return List.of(judged(Row.of("restart", "stopped instance → main process started", "ms", again)), freshRow());
    }

    private List<Row> withSpares(Sandbox plain, DaemonClient client, int runs) throws IOException {
        try (Sandbox sparing = plain.withSpare()) {
            sparing.up();
            try (DaemonClient sparingClient = sparing.client();
                    SpareWatch spares = SpareWatch.of(sparing.daemonLog())) {
                sparing.stoppedInstance(sparingClient);
                for (int i = -WARM_UP; i < Math.min(runs, MOST_RUNS); i++) {
                    spares.awaitNext();
                    keep(i, againFromSpare, sparing.startAgain(sparingClient, "spare"));
                    // Once the next one waits, nothing is made beside what follows.
                    spares.awaitNext();
                    keep(i, fresh, plain.startNew(client, "template"));
                    keep(i, again, plain.startAgain(client, "template-bare"));
                    keep(i, freshFromSpare, sparing.startNew(sparingClient, "spare"));
                }
            }
        }
        return List.of(
                judged(Row.of(
                        "restart", "stopped instance → main process started, from a spare", "ms", againFromSpare)),
                freshRow(),
                Row.of("restart.bare", "  stopped instance, without a spare", "ms", again),
                Row.of("restart.fresh.spare", "  new instance, from a spare", "ms", freshFromSpare));
    }

    private static void keep(int run, List<Double> values, double millis) {
        if (run >= 0) {
            values.add(millis);
        }
    }

    private Row freshRow() {
        return Row.of("restart.fresh", "  new instance, from its template, in turn with it", "ms", fresh);
    }

    private Row judged(Row restart) {
        return restart.judged(Verdict.atMost(freshRow().p50() + WISH_MORE_MILLIS, restart.p50(), "ms"))
                .note("the wish is 10 ms more than a new instance takes that is restored from its template");
    }
}
