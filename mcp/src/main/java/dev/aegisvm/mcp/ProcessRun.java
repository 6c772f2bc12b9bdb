package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.mcp.McpTool.Call;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** Follows a process to its end, however much it writes and however long it takes. */
final class ProcessRun {
    private final AttachedProcess process;
    private final Output stdout = new Output();
    private final Output stderr = new Output();
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean late = new AtomicBoolean();

    ProcessRun(AttachedProcess process) {
        this.process = process;
    }

    /**
     * Returns how the process ended, as JSON; it is ended when its time is over or nobody wants the answer any more.
     *
     * @param stdin all that it finds there
     * @param limitMs when we leave it, which ends it; the daemon may have ended it before
     */
    String follow(@Nullable String stdin, long limitMs, Call call, Outputs outputs) throws IOException {
        var _ = call.cancelled().thenRun(this::close);
        // Writing to a process that does not read blocks; it returns when the process ends.
        Thread.ofVirtual().name("stdin").start(() -> feed(stdin == null ? "" : stdin));
        CompletableFuture<Void> deadline = CompletableFuture.runAsync(
                this::leave, CompletableFuture.delayedExecutor(limitMs, TimeUnit.MILLISECONDS));
        try {
            ProcessExit exit = call.progress()
                    .during(
                            "the command is running",
                            () -> process.pump(new AttachedProcess.Sinks(stdout, stderr, () -> {}, notes::add)));
            return Ended.of(exit, stdout, stderr, outputs, notes).json();
        } catch (IOException broken) {
            if (late.get()) {
                return Ended.of(ProcessExit.atTimeout(), stdout, stderr, outputs, notes)
                        .json();
            }
            throw broken;
        } finally {
            deadline.cancel(false);
        }
    }

    private void feed(String text) {
        try {
            process.feed(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException ended) {
            // It did not want all of it.
            return;
        }
    }

    private void leave() {
        late.set(true);
        close();
    }

    private void close() {
        try {
            process.close();
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /**
     * A process that has ended.
     *
     * @param exitCode 0..255; 128+n for a signal n, 124 when its time was over
     * @param timedOut it was killed because its time was over
     * @param outOfMemory the guest's kernel killed it because memory ran out
     * @param stdout what it wrote, or the beginning of it
     * @param stdoutCursor for {@code output_read}, where there is more
     * @param stdoutLost bytes that were too many to be kept
     * @param notes what the daemon has to say
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record Ended(
            int exitCode,
            @Nullable Boolean timedOut,
            @Nullable Boolean outOfMemory,
            String stdout,
            String stderr,
            @Nullable String stdoutCursor,
            @Nullable String stderrCursor,
            @Nullable Long stdoutLost,
            @Nullable Long stderrLost,
            @Nullable List<String> notes) {

        static Ended of(ProcessExit exit, Output stdout, Output stderr, Outputs outputs, List<String> notes) {
            Output.Piece out = stdout.piece(0, Outputs.MAX_IN_ANSWER);
            Output.Piece err = stderr.piece(0, Outputs.MAX_IN_ANSWER);
            return new Ended(
                    exit.exitCode(),
                    exit.timedOut(),
                    exit.outOfMemory(),
                    out.text(),
                    err.text(),
                    outputs.cursor(stdout, out.end()),
                    outputs.cursor(stderr, err.end()),
                    lost(stdout),
                    lost(stderr),
                    notes.isEmpty() ? null : notes);
        }

        private static @Nullable Long lost(Output output) {
            return output.written() > output.size() ? output.written() - output.size() : null;
        }

        String json() {
            return Jsonb.instance().toJson(this);
        }
    }
}
