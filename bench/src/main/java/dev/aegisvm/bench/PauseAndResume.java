package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** How long a paused VM takes until its guest answers again, and how long it takes to pause it; through the API. */
final class PauseAndResume implements Measure {
    private static final int WARM_UP = 5;
    private static final double WISH_MILLIS = 30;
    /** After a pause, a guest catches up with its timers. These pauses last a second each. */
    private static final int LONG_PAUSES = 30;

    private static final List<String> TRUE = List.of("true");

    private final List<Double> pauses = new ArrayList<>();
    private final List<Double> resumes = new ArrayList<>();
    private final List<Double> later = new ArrayList<>();
    private final List<Double> execs = new ArrayList<>();

    @Override
    public String title() {
        return "pause and resume of an instance";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        try (DaemonClient client = sandbox.client();
                NdjsonExec exec = NdjsonExec.connect(sandbox.socket())) {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            try {
                shortPauses(client, exec, id, runs);
                longPauses(client, id, Math.min(runs, LONG_PAUSES));
            } finally {
                client.delete(id);
            }
        }
        return rows();
    }

    private void shortPauses(DaemonClient client, NdjsonExec exec, String id, int runs) throws IOException {
        for (int i = -WARM_UP; i < runs; i++) {
            double pause = millis(() -> client.pause(id));
            double resume = millis(() -> client.resume(id));
            client.pause(id);
            double through = millis(() -> exec.run(id, TRUE));
            if (i >= 0) {
                pauses.add(pause);
                resumes.add(resume);
                execs.add(through);
            }
        }
    }

    private void longPauses(DaemonClient client, String id, int runs) throws IOException {
        for (int i = 0; i < runs; i++) {
            client.pause(id);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
            later.add(millis(() -> client.resume(id)));
        }
    }

    private List<Row> rows() {
        return List.of(
                Row.of("resume", "POST …/resume → its guest has answered", "ms", resumes)
                        .atMost(WISH_MILLIS)
                        .note("the guest answers the call that sets its clock, as it would answer `health`"),
                Row.of("resume.later", "  after a pause of a second", "ms", later),
                Row.of("resume.exec", "  exec of `true`, which resumes, until it has ended", "ms", execs),
                Row.of("resume.pause", "  POST …/pause → stopped", "ms", pauses));
    }

    private interface Call {
        void run() throws IOException;
    }

    private static double millis(Call call) throws IOException {
        long begin = System.nanoTime();
        call.run();
        return (System.nanoTime() - begin) / 1e6;
    }
}
