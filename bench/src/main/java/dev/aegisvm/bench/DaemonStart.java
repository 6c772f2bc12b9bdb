package dev.aegisvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How long a daemon takes to its first answer when there are many stopped instances, and when there are none, in turn. */
final class DaemonStart implements Measure {
    private static final int INSTANCES = 1000;
    private static final int WARM_UP = 2;
    private static final int MOST_RUNS = 20;
    private static final double WISH_MILLIS = 1500;

    @Override
    public String title() {
        return "start of a daemon with " + INSTANCES + " stopped instances";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        List<Double> full = new ArrayList<>();
        List<Double> empty = new ArrayList<>();
        try (StoppedHome many = StoppedHome.with(sandbox, INSTANCES);
                StoppedHome none = StoppedHome.with(sandbox, 0)) {
            for (int i = -WARM_UP; i < Math.min(runs, MOST_RUNS); i++) {
                double withMany = many.start();
                double withNone = none.start();
                if (i >= 0) {
                    full.add(withMany);
                    empty.add(withNone);
                }
            }
        }
        return List.of(
                Row.of("daemon", "`aegisd` spawned → first answer, " + INSTANCES + " stopped instances", "ms", full)
                        .atMost(WISH_MILLIS)
                        .note("the instances never ran: each has a record, a log and a directory, but no disk"),
                Row.of("daemon.empty", "  in turn with it: no instances", "ms", empty));
    }
}
