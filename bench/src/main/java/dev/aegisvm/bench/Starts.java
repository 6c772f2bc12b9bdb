package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.api.SecretViews.SecretValue;
import dev.aegisvm.client.DaemonClient;

/** How long an instance takes from the request to its started main process, by the daemon's clock. */
final class Starts {
    private static final int SECRETS = 20;

    private Starts() {}

    /** A new one from the template, with the stages of its boot; by a client's clock, too. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            Metric start = turns.metric("start", "POST /v1/instances → main process started");
            start.atMost(180);
            String output = "  by a client's clock, to the first line of `echo hi`";
            turns.step(() -> {
                long begin = System.nanoTime();
                String id = sandbox.start(client, Sandbox.ECHO);
                double seen = Turns.since(begin);
                BootView boot = sandbox.boot(client, id);
                client.call(Routes.DELETE, id);
                turns.keep(start, Sandbox.millis(boot, "template"));
                boot.stages().forEach((stage, took) -> {
                    turns.keep(turns.metric("start." + stage, "  " + stage), took);
                });
                turns.keep(turns.metric("start.output", output), seen);
            });
            turns.run(5);
        }
    }

    /**
     * A stopped instance that starts again against a new one. Under emulation both are measured with a spare machine
     * waiting, as users have it there, and without any.
     */
    static void restart(Sandbox plain, Turns turns) throws IOException {
        try (DaemonClient client = plain.client()) {
            plain.makeStopped(client);
            if (plain.emulated()) {
                restartFromSpare(plain, client, turns);
            } else {
                String title = "stopped instance → main process started";
                against(turns.each("restart", title, () -> again(plain, client)), plain, turns);
                turns.run(2);
            }
        }
    }

    private static void restartFromSpare(Sandbox plain, DaemonClient client, Turns turns) throws IOException {
        try (Sandbox sparing = plain.withSpare();
                DaemonClient sparingClient = sparing.client();
                SpareWatch spares = new SpareWatch(sparing.home().daemonLog())) {
            sparing.makeStopped(sparingClient);
            String title = "stopped instance → main process started, from a spare";
            turns.step(spares::awaitNext);
            Metric restart = turns.each("restart", title, () -> sparing.startAgain(sparingClient, "spare"));
            // Once the next one waits, nothing is made beside what follows.
            turns.step(spares::awaitNext);
            against(restart, plain, turns);
            turns.each("restart.bare", "  stopped instance, without a spare", () -> again(plain, client));
            String fresh = "  new instance, from a spare";
            turns.each("restart.fresh.spare", fresh, () -> sparing.startNew("spare"));
            // A spare is made a second after the last start, and two are used up in each run.
            turns.run(2, 100);
        }
    }

    private static double again(Sandbox plain, DaemonClient client) throws IOException {
        return plain.startAgain(client, "template-bare");
    }

    private static void against(Metric restart, Sandbox plain, Turns turns) {
        String title = "  new instance, from its template, in turn with it";
        Metric fresh = turns.each("restart.fresh", title, () -> plain.startNew("template"));
        restart.atMostMore(10, fresh)
                .note("the target is 10 ms more than a new instance takes that is restored from its template");
    }

    /** A start from the template against a boot of the same kernel and harness by a daemon that cannot save a machine. */
    static void cold(Sandbox sandbox, Turns turns) throws IOException {
        try (Sandbox bare = sandbox.withQemu("""
                        case "$*" in *share=on*) exit 1 ;; esac
                        exec /usr/bin/qemu-system-x86_64 "$@"
                        """)) {
            Metric cold = turns.metric("cold", "cold boot, without a template → main process started");
            Metric hello = turns.metric("cold.hello", "  to the harness's answer to HELLO");
            Metric template = turns.metric("cold.template", "  in turn with it: POST → main process started");
            cold.atLeastTimes(15, template).note("few runs, since each takes seconds");
            turns.step(() -> {
                BootView boot = bare.with(Sandbox.ECHO, bare::boot);
                double started = Sandbox.millis(boot, "cold");
                turns.keep(cold, started);
                turns.keep(hello, started - took(boot, "mount", "identify", "run"));
                for (int i = 0; i < 3; i++) {
                    turns.keep(template, sandbox.startNew("template"));
                }
            });
            // Each takes several seconds under emulation.
            turns.run(1, 10);
        }
    }

    private static double took(BootView boot, String... stages) {
        return Stream.of(stages).mapToDouble(boot.stages()::get).sum();
    }

    /** A new instance with twenty secrets against one without: the answer to the request, and the started process. */
    static void secrets(Sandbox sandbox, Turns turns) throws IOException {
        Metric start = turns.metric("secrets.start", "new instance with 20 secrets → main process started");
        Metric plainStart = turns.metric("secrets.start.none", "  without, in turn with it");
        Metric answer = turns.metric("secrets.create", "  the answer to the request, with 20 secrets");
        Metric plainAnswer = turns.metric("secrets.create.none", "  without");
        start.atMostMore(5, plainStart);
        answer.atMostMore(5, plainAnswer);
        try (DaemonClient client = sandbox.client()) {
            for (int i = 0; i < SECRETS; i++) {
                client.call(Routes.PUT_SECRET.with(new SecretValue("s".repeat(64)), "BENCH_" + i));
            }
            CreateInstance withAll = Sandbox.ECHO.withSecrets(List.of("*"));
            turns.step(() -> turns.keep(start, created(sandbox, client, withAll, turns, answer)));
            turns.step(() -> turns.keep(plainStart, created(sandbox, client, Sandbox.ECHO, turns, plainAnswer)));
            turns.run(5, 100);
            for (int i = 0; i < SECRETS; i++) {
                client.call(Routes.DELETE_SECRET, "BENCH_" + i);
            }
        }
    }

    /** Keeps the time to the answer; gives that to the started main process. */
    private static double created(
            Sandbox sandbox, DaemonClient client, CreateInstance create, Turns turns, Metric answer)
            throws IOException {
        long begin = System.nanoTime();
        String id = client.call(Routes.CREATE.with(create)).id();
        turns.keep(answer, Turns.since(begin));
        sandbox.awaitOutput(id, null);
        BootView boot = sandbox.boot(client, id);
        client.call(Routes.DELETE, id);
        return Sandbox.millis(boot, "template");
    }
}
