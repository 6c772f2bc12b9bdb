package dev.aegisvm.mcp.process;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Signals;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.mcp.tool.*;
import dev.aegisvm.mcp.tool.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** Follows a process to its end, however much it writes and however long it takes. */
final class ProcessRun {
    private static final int DEFAULT_TIMEOUT_S = 120;
    /** How much later than the daemon we give up an exec, which closes its connection. */
    private static final long PATIENCE_S = 10;

    private static final String STDERR = "--- stderr\n";
    private static final String NOT_KEPT =
            "what this answer leaves out, or shows as U+FFFD, is not kept: run it again with tail, grep or a larger"
                    + " max_bytes, or with the name of an instance, where output_read reads it";

    private static final String HELD =
            "the command exited, but a process that it started keeps stdout open: use background, or redirect its"
                    + " output";

    private ProcessRun() {}

    /**
     * Answers how a process ended; it is ended when it times out or the call was cancelled.
     *
     * @param instance in which it is an exec, of which the daemon keeps what it writes; null where it is the main process
     * @param mark after which pictures follow in its output
     */
    static String follow(Call call, AttachedProcess process, @Nullable String instance, String mark)
            throws IOException {
        Excerpted stdout = new Excerpted(Excerpt.of(call.arguments()), 0);
        Excerpted stderr = new Excerpted(Excerpt.of(call.arguments()), 0);
        MarkedOutput marked = new MarkedOutput();
        var _ = marked.begin(stdout, mark);
        List<String> notes = new CopyOnWriteArrayList<>();
        Consumer<String> noted = note -> notes.add(Hints.forModel(note));
        call.closeWhenCancelled(process);
        byte[] fed =
                Objects.requireNonNullElse(call.arguments().text("stdin"), "").getBytes(StandardCharsets.UTF_8);
        // Writing to a process that does not read blocks; it returns when the process ends.
        Thread.ofVirtual().name("stdin").start(() -> {
            process.write(fed);
            process.endStdin();
        });
        String exec =
                instance == null ? null : instance + "/" + process.started().execId();
        long limit = timeoutS(call.arguments()) + (instance == null ? 0 : PATIENCE_S);
        ProcessExit exit;
        try {
            exit = call.progress().during("the command is running", () -> {
                // A boot takes the time that it takes.
                var _ = process.started();
                return call.within(
                        Duration.ofSeconds(limit),
                        process,
                        () -> process.pump(marked::write, stderr::write, () -> {}, noted));
            });
        } catch (ClosedChannelException late) {
            if (instance != null) {
                // Else the daemon would have ended it.
                notes.add(HELD);
            }
            exit = ProcessExit.atTimeout();
        }
        call.pictures().addAll(marked.end(notes));
        return ended(exit, exec, stdout, stderr, notes);
    }

    static int timeoutS(ToolArguments given) {
        return given.has("timeout_s") ? given.number("timeout_s") : DEFAULT_TIMEOUT_S;
    }

    /** Waits for something to be done, well or not; whether it takes longer than so many milliseconds. */
    static boolean isLate(CompletableFuture<?> done, long millis) {
        return done.handle((_, _) -> false)
                .completeOnTimeout(true, millis, TimeUnit.MILLISECONDS)
                .join();
    }

    /**
     * What is told of a process that has ended.
     *
     * @param exec its instance and its id, where the daemon keeps what it wrote
     * @param notes what the daemon has to say
     */
    static String ended(
            ProcessExit exit, @Nullable String exec, Excerpted stdout, Excerpted stderr, List<String> notes) {
        Excerpt.Shown out = stdout.shown();
        Excerpt.Shown err = stderr.shown();
        PlainAnswer answer = new PlainAnswer()
                .fact("exit_code", exit.exitCode())
                .fact("timed_out", exit.timedOut())
                .fact("signal", Signals.ofExit(exit.exitCode()).orElse(null))
                .fact("out_of_memory", exit.outOfMemory());
        if (exec == null) {
            answer.fact("note", out.isComplete() && err.isComplete() ? null : NOT_KEPT);
        } else {
            answer.fact("stdout_cursor", out.cursor(exec + "/stdout"))
                    .fact("stderr_cursor", err.cursor(exec + "/stderr"))
                    .fact("note", stdout.note() == null ? stderr.note() : stdout.note());
        }
        notes.forEach(note -> answer.fact("note", note));
        answer.fact("note", Excerpt.replaced(out.text() + err.text(), Excerpt.BYTES));
        String end = out.text().isEmpty() || out.text().endsWith("\n") ? "" : "\n";
        return answer.with(err.text().isEmpty() ? out.text() : out.text() + end + STDERR + err.text());
    }
}
