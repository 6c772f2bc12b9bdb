package dev.aegisvm.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Waits until processes do next to nothing: in the last ten looks together they used at most 1 % of a CPU
 * each.
 *
 * @param look time between two looks at their CPU time
 * @param limit how long at most
 */
record Quiet(Duration look, Duration limit) {
    private static final int LOOKS = 10;
    private static final double TICKS_PER_SECOND = 100;
    private static final double SHARE = 0.01;

    /** Tells the CPU time used so far, in ticks. */
    interface CpuTime {
        long ticks() throws IOException;
    }

    /** Waits for so many processes, of which {@code cpu} is the sum; throws when it does not become quiet. */
    void await(int processes, CpuTime cpu) throws IOException {
        CompletableFuture<Void> quiet = new CompletableFuture<>();
        Deque<Long> seen = new ArrayDeque<>();
        try (ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor()) {
            var _ = clock.scheduleAtFixedRate(
                    () -> look(processes, cpu, seen, quiet), 0, look.toMillis(), TimeUnit.MILLISECONDS);
            try {
                quiet.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } finally {
                clock.shutdownNow();
            }
        } catch (TimeoutException busy) {
            throw new IOException("no quiet within " + limit.toSeconds() + " s; ticks of CPU: " + seen, busy);
        } catch (ExecutionException gone) {
            throw new IOException("cannot look at a process", gone.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void look(int processes, CpuTime cpu, Deque<Long> seen, CompletableFuture<Void> quiet) {
        try {
            seen.addLast(cpu.ticks());
            if (seen.size() > LOOKS) {
                long used = seen.getLast() - seen.removeFirst();
                double seconds = look.toMillis() * LOOKS / 1000.0;
                if (used <= Math.max(1, seconds * TICKS_PER_SECOND * SHARE * processes)) {
                    quiet.complete(null);
                }
            }
        } catch (IOException | RuntimeException gone) {
            quiet.completeExceptionally(gone);
        }
    }
}
