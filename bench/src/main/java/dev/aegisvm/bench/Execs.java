package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.client.DaemonClient;

/** Requests to an instance that is there: execs, as a program asks for them and as the CLI does; pauses and resumes. */
final class Execs {
    private static final ExecRequest TRUE = ExecRequest.of(List.of("true"));

    private Execs() {}

    static void exec(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient kept = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            turns.time("exec", "exec of `true`, NDJSON on a kept connection", () -> ndjson(kept, box.id()))
                    .atMost(15);
            turns.time("exec.new", "  NDJSON, each on a new connection", () -> {
                try (DaemonClient client = sandbox.client()) {
                    ndjson(client, box.id());
                }
            });
            turns.run(20);
            turns.program("exec.cli", "`aegis exec … -- true`, whole process", "", () -> box.exec("true"));
            Optional<Runsc> runsc = Runsc.find(sandbox);
            if (runsc.isEmpty()) {
                turns.run(5);
                return;
            }
            String other = "  gVisor: `runsc exec … true`";
            turns.program("exec.runsc", other, "", () -> runsc.get().exec("true"));
            runsc.get().whileOneSleeps(() -> turns.run(5));
        }
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

    /** How long a paused VM takes until its guest answers again, and how long it takes to pause it. */
    static void resume(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            String id = box.id();
            // Each turn begins as the one before it ended.
            client.call(Routes.PAUSE, id);
            turns.time("resume", "POST …/resume → its guest has answered", () -> client.call(Routes.RESUME, id))
                    .atMost(30);
            turns.step(() -> client.call(Routes.PAUSE, id));
            String wakes = "  exec of `true`, which resumes, until it has ended";
            turns.time("resume.exec", wakes, () -> ndjson(client, id));
            String awake = "  exec of `true` in a running one, until it has ended";
            turns.time("resume.exec.awake", awake, () -> ndjson(client, id));
            turns.time("resume.pause", "  POST …/pause → stopped", () -> client.call(Routes.PAUSE, id));
            turns.run(5);
        }
    }
}
