package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.client.DaemonClient;

/** Requests to an instance: execs, as a program asks for them and as the CLI does; pauses and resumes. */
final class Execs {
    private static final ExecRequest TRUE = ExecRequest.of(List.of("true"));

    private Execs() {}

    static void exec(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient kept = sandbox.client();
                Instance box = sandbox.start(Sandbox.IDLE)) {
            turns.time("exec", () -> ndjson(kept, box.id()));
            turns.time("exec.new", () -> {
                try (DaemonClient client = sandbox.client()) {
                    ndjson(client, box.id());
                }
            });
            turns.run(20);
            turns.program("exec.cli", "", () -> box.exec("true"));
            Optional<Runsc> runsc = Runsc.find(sandbox);
            if (runsc.isPresent()) {
                turns.program("exec.runsc", "", () -> runsc.get().exec("true"));
                runsc.get().whileOneSleeps(() -> turns.run(5));
            } else {
                turns.run(5);
            }
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
            turns.time("resume", () -> client.call(Routes.RESUME, id));
            turns.step(() -> client.call(Routes.PAUSE, id));
            turns.time("resume.exec", () -> ndjson(client, id));
            turns.time("resume.exec.awake", () -> ndjson(client, id));
            turns.time("resume.pause", () -> client.call(Routes.PAUSE, id));
            turns.run(5);
        }
    }
}
