package dev.aegisvm.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code aegis status} against a bare JVM, taking turns. */
final class StatusCommand implements Measure {
    private static final int WARM_UP = 10;
    private static final double TIMES = 3;

    @Override
    public String title() {
        return "aegis status";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        BareJvm bare = BareJvm.in(sandbox.scratch("jvm"));
        TimedProcess status = sandbox.aegis("status");
        String says = status.run().stdout();
        List<Double> ours = new ArrayList<>();
        List<Double> bares = new ArrayList<>();
        for (int i = -WARM_UP; i < runs; i++) {
            double our = status.millisOf(says);
            double other = bare.run();
            if (i >= 0) {
                ours.add(our);
                bares.add(other);
            }
        }
        Row other = Row.of("status.jvm", "  in turn with it: a bare JVM's hello world", "ms", bares);
        Row our = Row.of("status", "`aegis status`, whole process", "ms", ours);
        return List.of(our.judged(Verdict.atMostTimes(TIMES, our.p50(), other.p50())), other);
    }
}
