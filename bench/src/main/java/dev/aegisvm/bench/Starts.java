package dev.aegisvm.bench;

import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** How long an instance takes from the request to its started main process, by the daemon's clock. */
final class Starts {
    private Starts() {}

    /** A new one from the template, with the stages of its boot; by a client's clock, too. */
    static List<Row> start(Sandbox sandbox, int runs) throws IOException {
        Turns turns = new Turns();
        try (DaemonClient client = sandbox.client()) {
            turns.each("start", () -> {
                        long begin = System.nanoTime();
                        String id = sandbox.startAndAwaitOutput(client, CreateInstance.of(Sandbox.ECHO));
                        double seen = Measure.since(begin);
                        BootView boot = sandbox.boot(client, id);
                        client.call(Routes.DELETE, id);
                        boot.stages().forEach((stage, took) -> turns.keep("start." + stage, took));
                        turns.keep("start.output", seen);
                        return Sandbox.millis(boot, "template");
                    })
                    .run(5, runs);
        }
        List<Row> rows = new ArrayList<>();
        rows.add(turns.row("start", "POST /v1/instances → main process started").atMost(180));
        for (String name : turns.names()) {
            if (name.startsWith("start.") && !name.equals("start.output")) {
                rows.add(turns.row(name, "  " + name.substring("start.".length())));
            }
        }
        rows.add(turns.row("start.output", "  by a client's clock, to the first line of `echo hi`"));
        return rows;
    }

    /**
     * A stopped instance that starts again against a new one. Under emulation both are measured with a spare machine
     * waiting, as users have it there, and without any.
     */
    static List<Row> restart(Sandbox plain, int runs) throws IOException {
        Turns turns = new Turns();
        boolean emulated = plain.emulated();
        try (DaemonClient client = plain.client()) {
            plain.stoppedInstance(client);
            if (emulated) {
                withSpares(turns, plain, client, runs);
            } else {
                withoutSpares(turns, plain, client).run(2, runs);
            }
        }
        Row fresh = turns.row("restart.fresh", "  new instance, from its template, in turn with it");
        String note = "the target is 10 ms more than a new instance takes that is restored from its template";
        Row bare = turns.row("restart.bare", "  stopped instance, without a spare");
        if (!emulated) {
            Row again = Row.of("restart", "stopped instance → main process started", "ms", bare.samples());
            return List.of(again.atMostMore(10, fresh).note(note), fresh);
        }
        return List.of(
                turns.row("restart", "stopped instance → main process started, from a spare")
                        .atMostMore(10, fresh)
                        .note(note),
                fresh,
                bare,
                turns.row("restart.fresh.spare", "  new instance, from a spare"));
    }

    private static Turns withoutSpares(Turns turns, Sandbox plain, DaemonClient client) {
        return turns.each("restart.fresh", () -> plain.startNew("template"))
                .each("restart.bare", () -> plain.startAgain(client, "template-bare"));
    }

    private static void withSpares(Turns turns, Sandbox plain, DaemonClient client, int runs) throws IOException {
        try (Sandbox sparing = plain.withSpare();
                DaemonClient sparingClient = sparing.client();
                SpareWatch spares = SpareWatch.of(sparing.daemonLog())) {
            sparing.stoppedInstance(sparingClient);
            turns.each("restart", () -> {
                spares.awaitNext();
                double millis = sparing.startAgain(sparingClient, "spare");
                // Once the next one waits, nothing is made beside what follows.
                spares.awaitNext();
                return millis;
            });
            withoutSpares(turns, plain, client)
                    .each("restart.fresh.spare", () -> sparing.startNew("spare"))
                    // A spare is made a second after the last start, and two are used up in each run.
                    .run(2, Math.min(runs, 100));
        }
    }

    /** A start from the template against a boot of the same kernel and harness by plain QEMU. */
    static List<Row> cold(Sandbox sandbox, int runs) throws IOException {
        PlainQemu qemu = PlainQemu.like(sandbox, "qemu");
        Turns turns = new Turns();
        turns.each("cold", () -> {
                    PlainQemu.Boot boot = qemu.boot();
                    turns.keep("cold.hello", boot.hello());
                    for (int i = 0; i < 3; i++) {
                        turns.keep("cold.template", sandbox.startNew("template"));
                    }
                    return boot.started();
                })
                // Each takes several seconds under emulation.
                .run(1, Math.min(runs, 10));
        Row template = turns.row("cold.template", "  in turn with it: POST → main process started");
        Row cold = turns.row("cold", "cold boot by plain QEMU → main process started");
        return List.of(
                cold.judged(Row.Verdict.part(15, template.p50(), cold.p50()))
                        .note("few runs, since each takes seconds; without network, identity and the making of a disk"),
                turns.row("cold.hello", "  to the harness's answer to HELLO"),
                template);
    }

    /** A new instance with twenty secrets against one without: the answer to the request, and the started process. */
    static List<Row> secrets(Sandbox sandbox, int runs) throws IOException {
        int secrets = 20;
        Turns turns = new Turns();
        try (DaemonClient client = sandbox.client()) {
            for (int i = 0; i < secrets; i++) {
                client.call(Routes.PUT_SECRET.with(new SecretValue("s".repeat(64)), "BENCH_" + i));
            }
            turns.each("secrets.start", () -> started(sandbox, client, turns, "secrets.create", List.of("*")))
                    .each("secrets.start.none", () -> started(sandbox, client, turns, "secrets.create.none", List.of()))
                    .run(5, Math.min(runs, 100));
            for (int i = 0; i < secrets; i++) {
                client.call(Routes.DELETE_SECRET, "BENCH_" + i);
            }
        }
        Row plain = turns.row("secrets.start.none", "  without, in turn with it");
        Row plainAnswer = turns.row("secrets.create.none", "  without");
        return List.of(
                turns.row("secrets.start", "new instance with 20 secrets → main process started")
                        .atMostMore(5, plain),
                plain,
                turns.row("secrets.create", "  the answer to the request, with 20 secrets")
                        .atMostMore(5, plainAnswer),
                plainAnswer);
    }

    private static double started(
            Sandbox sandbox, DaemonClient client, Turns turns, String answer, List<String> secrets) throws IOException {
        CreateInstance create = CreateInstanceBuilder.builder()
                .command(Sandbox.ECHO)
                .secrets(secrets)
                .build();
        long begin = System.nanoTime();
        String id = client.call(Routes.CREATE.with(create)).id();
        turns.keep(answer, Measure.since(begin));
        sandbox.awaitOutput(id, null);
        BootView boot = sandbox.boot(client, id);
        client.call(Routes.DELETE, id);
        return Sandbox.millis(boot, "template");
    }
}
