package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** A process that goes on while its client does something else. Both of its outputs are kept as one, in the order of arrival. */
final class BackgroundProcess {
    private static final String END = "end";
    /** How much of what came since the cursor a pattern is looked for in, in bytes. */
    private static final int LOOKED_AT = 1 << 20;

    private final String instance;
    private final String id;
    private final String command;
    private final AttachedProcess process;
    private final Output output;
    private final CompletableFuture<ProcessExit> end = new CompletableFuture<>();

    BackgroundProcess(String instance, String id, String command, AttachedProcess process, Output output) {
        this.instance = instance;
        this.id = id;
        this.command = command;
        this.process = process;
        this.output = output;
    }

    /**
     * What a client is told.
     *
     * @param exitCode once it has ended; absent when its end is not known
     * @param output what it wrote since the cursor, or what is shown of it
     * @param cursor where to read on
     * @param error why its end is not known
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    record State(
            String id,
            String name,
            boolean running,
            @Nullable Integer exitCode,
            @Nullable String output,
            @Nullable Long cursor,
            @Nullable String error) {}

    /**
     * What a reader waits for, and how long at most.
     *
     * @param toEnd for the end alone
     * @param wanted for this in what it reads, or the end; null: for anything
     */
    record Wait(long from, boolean toEnd, @Nullable Pattern wanted, long millis) {
        static Wait of(ToolArguments given) {
            boolean toEnd = END.equals(given.text("wait_for"));
            Pattern wanted = toEnd ? null : Excerpt.pattern(given, "wait_for");
            return new Wait(given.large("cursor"), toEnd, wanted, 1000L * given.number("wait_s"));
        }
    }

    String instance() {
        return instance;
    }

    String id() {
        return id;
    }

    /** Follows it; what it is to find on its stdin first is written, and its stdin stays open. */
    void start(@Nullable String stdin) {
        Thread.ofVirtual().name("background").start(this::follow);
        if (stdin != null) {
            Thread.ofVirtual().name("stdin").start(() -> {
                try {
                    process.write(stdin.getBytes(StandardCharsets.UTF_8));
                } catch (IOException ended) {
                    // It did not want all of it.
                    return;
                }
            });
        }
    }

    private void follow() {
        try {
            end.complete(process.pump(new AttachedProcess.Sinks(output, output, () -> {}, this::note)));
        } catch (IOException | RuntimeException lost) {
            end.completeExceptionally(lost);
        } finally {
            output.wake();
        }
    }

    private void note(String line) {
        output.write(ByteBuffer.wrap(("aegis: " + line + "\n").getBytes(StandardCharsets.UTF_8)));
    }

    State read(Wait wait, Excerpt excerpt, CompletableFuture<Void> cancelled) throws IOException {
        var _ = cancelled.thenRun(output::wake);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(wait.millis());
        try {
            long seen = output.written();
            while (!end.isDone() && !cancelled.isDone() && !isThere(wait)) {
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    break;
                }
                output.await(seen, left, () -> end.isDone() || cancelled.isDone());
                seen = output.written();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        long cursor = output.written();
        State now = state(excerpt.of(output, wait.from()).text());
        return new State(id, instance, now.running(), now.exitCode(), now.output(), cursor, now.error());
    }

    private boolean isThere(Wait wait) {
        Pattern wanted = wait.wanted();
        if (wait.toEnd() || wanted == null) {
            return !wait.toEnd() && output.written() > wait.from();
        }
        Output.Piece since = output.piece(Math.max(wait.from(), output.written() - LOOKED_AT), LOOKED_AT);
        return wanted.matcher(since.text()).find();
    }

    State state(String text) {
        Integer exitCode = null;
        String error = null;
        if (end.isCompletedExceptionally()) {
            Throwable lost = end.exceptionNow();
            error = lost instanceof ApiException refusal ? refusal.error().error() : String.valueOf(lost.getMessage());
        } else if (end.isDone()) {
            exitCode = end.join().exitCode();
        }
        return new State(id, instance, !end.isDone(), exitCode, text.isEmpty() ? null : text, null, error);
    }

    Background.Listed listed() {
        return new Background.Listed(
                id, instance, command, null, !end.isDone(), state("").exitCode());
    }

    void write(String text, boolean last) throws IOException {
        refuseEnded();
        process.write(text.getBytes(StandardCharsets.UTF_8));
        if (last) {
            process.endStdin();
        }
    }

    void signal(int number) throws IOException {
        refuseEnded();
        process.signal(number);
    }

    private void refuseEnded() {
        if (end.isDone()) {
            throw ErrorCode.WRONG_STATE.refusal("the process has ended", "process_read tells how");
        }
    }

    /** Gives back what an ended one holds; false for one that runs. */
    boolean release() {
        if (end.isDone()) {
            output.release();
        }
        return end.isDone();
    }
}
