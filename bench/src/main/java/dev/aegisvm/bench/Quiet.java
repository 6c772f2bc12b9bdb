package dev.aegisvm.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;

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
        double most = Math.max(1, look.toMillis() * LOOKS / 1000.0 * TICKS_PER_SECOND * SHARE * processes);
        Deque<Long> seen = new ArrayDeque<>();
        long end = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < end) {
            seen.addLast(cpu.ticks());
            if (seen.size() > LOOKS && seen.getLast() - seen.removeFirst() <= most) {
                return;
            }
            LockSupport.parkNanos(look.toNanos());
        }
        throw new IOException("no quiet within " + limit.toSeconds() + " s; ticks of CPU: " + seen);
    }
}
