package dev.aegisvm.mcp;

import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.client.AttachedProcess;
import dev.aegisvm.client.ProcessSinks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Follows a process to its end, however much it writes and however long it takes. */
final class ProcessRun {
    /** How much later than the daemon we give up a process. */
    private static final long PATIENCE_MS = 10_000;

    private final AttachedProcess process;
    private final Output stdout = new Output();
    private final Output stderr = new Output();
    private final List<String> notes = new CopyOnWriteArrayList<>();
    private final AtomicBoolean late = new AtomicBoolean();

    ProcessRun(AttachedProcess process) {
        this.process = process;
    }

    /**
     * Returns when the process has ended, or its time is over; it is ended when nobody waits for it any more.
     *
     * @param stdin what it finds there before the end
     * @param limitMs after so long it is left, which ends it; the daemon may have ended it before
     */
    ProcessExit follow(@Nullable String stdin, long limitMs, Call call) throws IOException {
        call.cancellation().onCancel(this::close);
        // Whoever feeds it may be held back for ever; the end of the process ends that.
        Thread.ofVirtual().name("stdin").start(() -> feed(stdin == null ? "" : stdin));
        CompletableFuture<Void> deadline = CompletableFuture.runAsync(
                this::leave, CompletableFuture.delayedExecutor(limitMs, TimeUnit.MILLISECONDS));
        try {
            return call.progress()
                    .during(
                            "the command is running",
                            () -> process.pump(new ProcessSinks(stdout, stderr, () -> {}, notes::add)));
        } catch (IOException broken) {
            if (late.get()) {
                return ProcessExit.atTimeout();
            }
            throw broken;
        } finally {
            deadline.cancel(false);
        }
    }

    /** The limit for a process that the daemon ends after so many milliseconds. */
    static long afterTheDaemon(long timeoutMs) {
        return timeoutMs + PATIENCE_MS;
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

    String answer(ProcessExit exit, Outputs outputs) {
        return Ended.of(exit, stdout, stderr, outputs, notes).json();
    }
}
