package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A new instance with twenty secrets against one without, in turn: the answer to the request, and the started process. */
final class Secrets implements Measure {
    private static final int SECRETS = 20;
    private static final int VALUE_CHARACTERS = 64;
    private static final int WARM_UP = 5;
    private static final int MOST_RUNS = 100;
    private static final double WISH_MORE_MILLIS = 5;

    @Override
    public String title() {
        return "instances with secrets";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        Times with = new Times(new ArrayList<>(), new ArrayList<>());
        Times without = new Times(new ArrayList<>(), new ArrayList<>());
        try (DaemonClient client = sandbox.client()) {
            for (int i = 0; i < SECRETS; i++) {
                client.putSecret("BENCH_" + i, new SecretValue("s".repeat(VALUE_CHARACTERS)));
            }
            for (int i = -WARM_UP; i < Math.min(runs, MOST_RUNS); i++) {
                with.take(sandbox, client, create(List.of("*")), i >= 0);
                without.take(sandbox, client, create(List.of()), i >= 0);
            }
            for (int i = 0; i < SECRETS; i++) {
                client.deleteSecret("BENCH_" + i);
            }
        }
        Row row = Row.of("secrets.start", "new instance with 20 secrets → main process started", "ms", with.started);
        Row plain = Row.of("secrets.start.none", "  without, in turn with it", "ms", without.started);
        Row answer = Row.of("secrets.create", "  the answer to the request, with 20 secrets", "ms", with.answered);
        Row plainAnswer = Row.of("secrets.create.none", "  without", "ms", without.answered);
        return List.of(judged(row, plain), plain, judged(answer, plainAnswer), plainAnswer);
    }

    private static Row judged(Row row, Row plain) {
        return row.judged(Verdict.atMost(plain.p50() + WISH_MORE_MILLIS, row.p50(), "ms"));
    }

    private static CreateInstance create(List<String> secrets) {
        return Sandbox.wish(Sandbox.ECHO, null, null, secrets);
    }

    /** Milliseconds of one kind of instance. */
    private record Times(List<Double> answered, List<Double> started) {
        void take(Sandbox sandbox, DaemonClient client, CreateInstance create, boolean counts) throws IOException {
            long begin = System.nanoTime();
            String id = client.create(create).id();
            double millis = (System.nanoTime() - begin) / 1e6;
            sandbox.awaitOutput(id, null);
            BootView boot = sandbox.boot(client, id);
            client.delete(id);
            if (counts) {
                answered.add(millis);
                started.add(Sandbox.millis(boot, "template"));
            }
        }
    }
}
