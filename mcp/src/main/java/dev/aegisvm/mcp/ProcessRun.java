package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.mcp.McpTool.Call;
import org.jspecify.annotations.Nullable;

/** Follows a process to its end, however much it writes and however long it takes. */
final class ProcessRun {
    private static final int DEFAULT_TIMEOUT_S = 120;
    private static final String HELD =
            "the command exited, but a process that it started keeps stdout open: use background, or redirect its"
                    + " output";

    private final AttachedProcess process;
    private final Outputs outputs;
    private final Excerpted stdout;
    private final Excerpted stderr;
    private final MarkedOutput marked;
    private final @Nullable String instance;
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean late = new AtomicBoolean();

    /**
     * @param outputs keeps what an answer leaves out
     * @param instance in which it is an exec, of which the daemon keeps what it writes; null where it is the main process
     * @param wanted of each output
     * @param mark after which pictures follow in its output
     */
    ProcessRun(AttachedProcess process, Outputs outputs, @Nullable String instance, Excerpt wanted, String mark) {
        this.process = process;
        this.outputs = outputs;
        this.instance = instance;
        this.stdout = new Excerpted(wanted, 0, instance == null);
        this.stderr = new Excerpted(wanted, 0, instance == null);
        this.marked = new MarkedOutput(stdout, mark);
    }

    /**
     * Returns how the process ended; it is ended when its time is over or nobody wants the answer any more.
     *
     * @param limitMs so long after its start we leave it, which ends it; the daemon may have ended it before
     */
    Ended follow(long limitMs, Call call) throws IOException {
        String exec =
                instance == null ? null : instance + "/" + process.started().execId();
        ProcessExit exit = exit(limitMs, call);
        call.pictures().addAll(marked.end(notes));
        return Ended.of(exit, exec, outputs, stdout, stderr).noted(notes);
    }

    private ProcessExit exit(long limitMs, Call call) throws IOException {
        String stdin = call.arguments().text("stdin");
        var _ = call.cancelled().thenRun(this::close);
        // Writing to a process that does not read blocks; it returns when the process ends.
        byte[] fed = stdin == null ? new byte[0] : stdin.getBytes(StandardCharsets.UTF_8);
        Thread.ofVirtual().name("stdin").start(() -> {
            process.write(fed);
            process.endStdin();
        });
        CompletableFuture<Void> deadline = new CompletableFuture<>();
        var _ = deadline.thenRunAsync(this::leave);
        Runnable started = () -> {
            // A boot takes the time that it takes.
            var _ = deadline.completeOnTimeout(null, limitMs, TimeUnit.MILLISECONDS);
        };
        try {
            return call.progress()
                    .during(
                            "the command is running",
                            () -> process.pump(new AttachedProcess.Sinks(
                                    marked, stderr, started, note -> notes.add(Hints.forModel(note)))));
        } catch (IOException broken) {
            if (!late.get()) {
                throw broken;
            }
            if (limitMs > timeoutMs(call.arguments())) {
                // Else the daemon would have ended it.
                notes.add(HELD);
            }
            return ProcessExit.atTimeout();
        } finally {
            deadline.cancel(false);
        }
    }

    /** How long something may run. */
    static long timeoutMs(ToolArguments given) {
        return 1000L * (given.has("timeout_s") ? given.number("timeout_s") : DEFAULT_TIMEOUT_S);
    }

    interface Writing {
        void write() throws IOException;
    }

    /** Writes to a process, which may end and not want all of it. */
    static void untilItEnds(Writing writing) {
        try {
            writing.write();
        } catch (IOException ended) {
            return;
        }
    }

    /** Waits for something to be done, well or not; whether it takes longer than so many milliseconds. */
    static boolean isLate(CompletableFuture<?> done, long millis) {
        return done.handle((_, _) -> false)
                .completeOnTimeout(true, millis, TimeUnit.MILLISECONDS)
                .join();
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
     * @param stdout what it wrote, or what is shown of it
     * @param stdoutCursor for {@code output_read}, where something is left out
     * @param notes what the daemon has to say
     */
    record Ended(
            int exitCode,
            @Nullable Boolean timedOut,
            @Nullable Boolean outOfMemory,
            String stdout,
            String stderr,
            @Nullable String stdoutCursor,
            @Nullable String stderrCursor,
            List<String> notes) {
        private static final String STDERR = "--- stderr\n";

        /** @param exec its instance and its id; null where the daemon does not keep what it wrote */
        static Ended of(ProcessExit exit, @Nullable String exec, Outputs outputs, Excerpted stdout, Excerpted stderr) {
            Excerpt.Shown out = stdout.shown();
            Excerpt.Shown err = stderr.shown();
            return new Ended(
                    exit.exitCode(),
                    exit.timedOut(),
                    exit.outOfMemory(),
                    out.text(),
                    err.text(),
                    outputs.cursor(stdout, out, exec == null ? null : exec + "/stdout"),
                    outputs.cursor(stderr, err, exec == null ? null : exec + "/stderr"),
                    List.of());
        }

        Ended noted(List<String> lines) {
            return new Ended(
                    exitCode, timedOut, outOfMemory, stdout, stderr, stdoutCursor, stderrCursor, List.copyOf(lines));
        }

        String text() {
            PlainAnswer answer = new PlainAnswer()
                    .fact("exit_code", exitCode)
                    .fact("timed_out", timedOut)
                    .fact("out_of_memory", outOfMemory)
                    .fact("stdout_cursor", stdoutCursor)
                    .fact("stderr_cursor", stderrCursor);
            notes.forEach(note -> answer.fact("note", note));
            String end = stdout.isEmpty() || stdout.endsWith("\n") ? "" : "\n";
            return answer.with(stderr.isEmpty() ? stdout : stdout + end + STDERR + stderr);
        }
    }
}
