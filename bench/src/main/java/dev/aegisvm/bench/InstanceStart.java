package dev.aegisvm.bench;

import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long an instance takes from the request to its started main process, by the daemon's clock and by a client's. */
final class InstanceStart implements Measure {
    private static final int WARM_UP = 5;
    private static final double WISH_MILLIS = 180;

    @Override
    public String title() {
        return "start of an instance from its template";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        List<Double> totals = new ArrayList<>();
        List<Double> seen = new ArrayList<>();
        Map<String, List<Double>> stages = new LinkedHashMap<>();
        try (DaemonClient client = sandbox.client()) {
            for (int i = -WARM_UP; i < runs; i++) {
                long begin = System.nanoTime();
                String id = sandbox.startAndAwaitOutput(client, Sandbox.ECHO);
                double millis = (System.nanoTime() - begin) / 1e6;
                BootView boot = sandbox.boot(client, id);
                client.delete(id);
                if (i >= 0) {
                    totals.add(Sandbox.millis(boot, "template"));
                    seen.add(millis);
                    boot.stages()
                            .forEach((stage, took) -> stages.computeIfAbsent(stage, s -> new ArrayList<>())
                                    .add(took));
                }
            }
        }
        List<Row> rows = new ArrayList<>();
        rows.add(Row.of("start", "POST /v1/instances → main process started", "ms", totals)
                .atMost(WISH_MILLIS));
        stages.forEach((stage, took) -> rows.add(Row.of("start." + stage, "  " + stage, "ms", took)));
        rows.add(Row.of("start.output", "  by a client's clock, to the first line of `echo hi`", "ms", seen));
        return rows;
    }
}
