package dev.aegisvm.bench;

import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.ProcessSinks;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Requests to an instance that is there: execs, as a program asks for them and as the CLI does; pauses and resumes. */
final class Execs {
    private static final List<String> TRUE = List.of("true");

    private Execs() {}

    static List<Row> exec(Sandbox sandbox, int runs) throws IOException {
        return sandbox.withIdle((idle, id) -> {
            Turns turns = new Turns();
            try (NdjsonExec kept = NdjsonExec.connect(sandbox.socket())) {
                turns.each("exec", () -> Measure.millis(() -> kept.run(id, TRUE)))
                        .each(
                                "exec.new",
                                () -> Measure.millis(() -> {
                                    try (NdjsonExec fresh = NdjsonExec.connect(sandbox.socket())) {
                                        fresh.run(id, TRUE);
                                    }
                                }))
                        .each("exec.stream", () -> Measure.millis(() -> stream(sandbox, id)))
                        .run(20, runs);
            }
            return List.of(
                    turns.row("exec", "exec of `true`, NDJSON on a kept connection")
                            .atMost(15),
                    turns.row("exec.new", "  NDJSON, each on a new connection"),
                    turns.row("exec.stream", "  aegis-stream, each on a new connection"));
        });
    }

    private static void stream(Sandbox sandbox, String id) throws IOException {
        WritableByteChannel nowhere = Channels.newChannel(OutputStream.nullOutputStream());
        try (DaemonClient client = sandbox.client()) {
            pump(client, id, TRUE, nowhere);
        }
    }

    /** Runs a command to its end, which must be a good one, and gives its output to a channel. */
    static void pump(DaemonClient client, String id, List<String> command, WritableByteChannel to) throws IOException {
        try (AttachedProcess process = client.stream(Routes.EXEC.with(ExecRequest.of(command), id))) {
            int code =
                    process.pump(new ProcessSinks(to, to, () -> {}, note -> {})).exitCode();
            if (code != 0) {
                throw new IOException(command + " ended with " + code);
            }
        }
    }

    /** How long a paused VM takes until its guest answers again, and how long it takes to pause it. */
    static List<Row> resume(Sandbox sandbox, int runs) throws IOException {
        return sandbox.withIdle((client, id) -> {
            Turns turns = new Turns();
            // After a pause, a guest catches up with its timers; these last a second each.
            Turns later = new Turns().each("resume.later", () -> {
                client.call(Routes.PAUSE, id);
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                return Measure.millis(() -> client.call(Routes.RESUME, id));
            });
            try (NdjsonExec exec = NdjsonExec.connect(sandbox.socket())) {
                turns.each("resume.pause", () -> Measure.millis(() -> client.call(Routes.PAUSE, id)))
                        .each("resume", () -> Measure.millis(() -> client.call(Routes.RESUME, id)))
                        .each("resume.exec", () -> {
                            client.call(Routes.PAUSE, id);
                            return Measure.millis(() -> exec.run(id, TRUE));
                        })
                        .run(5, runs);
                later.run(0, Math.min(runs, 30));
            }
            return List.of(
                    turns.row("resume", "POST …/resume → its guest has answered")
                            .atMost(30)
                            .note("the guest answers the call that sets its clock, as it would answer `health`"),
                    later.row("resume.later", "  after a pause of a second"),
                    turns.row("resume.exec", "  exec of `true`, which resumes, until it has ended"),
                    turns.row("resume.pause", "  POST …/pause → stopped"));
        });
    }
}
