package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.DaemonClient;

/** Requests to an instance that is there: execs, as a program asks for them and as the CLI does; pauses and resumes. */
final class Execs {
    private static final ExecRequest TRUE = ExecRequest.of(List.of("true"));

    private Execs() {}

    static void exec(Sandbox sandbox, Turns turns) throws IOException {
        sandbox.with(Sandbox.IDLE, (kept, id) -> {
            turns.time("exec", "exec of `true`, NDJSON on a kept connection", () -> ndjson(kept, id))
                    .atMost(15);
            turns.time("exec.new", "  NDJSON, each on a new connection", () -> {
                try (DaemonClient client = sandbox.client()) {
                    ndjson(client, id);
                }
            });
            turns.run(20);
            return wholeProcess(sandbox, turns, id);
        });
    }

    /** {@code aegis exec} as a person calls it. */
    private static String wholeProcess(Sandbox sandbox, Turns turns, String id) throws IOException {
        TimedProcess exec = sandbox.aegis("exec", id, "--", "true");
        Metric own = turns.each("exec.cli", "`aegis exec … -- true`, whole process", () -> exec.millisOf(""));
        Optional<Runsc> runsc = Runsc.find(sandbox, own);
        if (runsc.isPresent()) {
            TimedProcess other = runsc.get().exec("true");
            turns.each("exec.runsc", "  gVisor: `runsc exec … true`", () -> other.millisOf(""));
            runsc.get().whileOneSleeps(() -> turns.run(5));
        } else {
            turns.run(5);
        }
        return id;
    }

    /** Runs {@code true} to its end, answered in lines of JSON: what a small program against the API does. */
    static void ndjson(DaemonClient client, String id) throws IOException {
        String answer = new String(client.json(Routes.EXEC.with(TRUE, id)), StandardCharsets.UTF_8).strip();
        String last = answer.substring(answer.lastIndexOf('\n') + 1);
        ExecDone done = ApiJson.answer(ExecDone.class, last.getBytes(StandardCharsets.UTF_8));
        if (!done.done() || done.exitCode() != 0) {
            throw new IOException("an exec ended so: " + last);
        }
    }

    /** Runs a command to its end, which must be a good one, and gives its output to a channel. */
    static void pump(DaemonClient client, String id, ExecRequest exec, WritableByteChannel to) throws IOException {
        try (AttachedProcess process = client.stream(Routes.EXEC.with(exec, id))) {
            int code = process.pump(new AttachedProcess.Sinks(to, to, () -> {}, note -> {}))
                    .exitCode();
            if (code != 0) {
                throw new IOException(exec + " ended with " + code);
            }
        }
    }

    /** How long a paused VM takes until its guest answers again, and how long it takes to pause it. */
    static void resume(Sandbox sandbox, Turns turns) throws IOException {
        sandbox.with(Sandbox.IDLE, (client, id) -> {
            Metric resume = turns.metric("resume", "POST …/resume → its guest has answered");
            Metric exec = turns.metric("resume.exec", "  exec of `true`, which resumes, until it has ended");
            Metric awake = turns.metric("resume.exec.awake", "  exec of `true` in a running one, until it has ended");
            Metric pause = turns.metric("resume.pause", "  POST …/pause → stopped");
            resume.atMost(30).note("the guest answers the call that sets its clock, as it would answer `health`");
            turns.step(() -> {
                turns.keep(pause, Turns.millis(() -> client.call(Routes.PAUSE, id)));
                turns.keep(resume, Turns.millis(() -> client.call(Routes.RESUME, id)));
                client.call(Routes.PAUSE, id);
                turns.keep(exec, Turns.millis(() -> ndjson(client, id)));
                turns.keep(awake, Turns.millis(() -> ndjson(client, id)));
            });
            turns.run(5);
            return id;
        });
    }
}
