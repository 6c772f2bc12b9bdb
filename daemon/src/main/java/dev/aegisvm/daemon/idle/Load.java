package dev.aegisvm.daemon.idle;

import java.time.Duration;

/**
 * What a guest used in some time.
 *
 * @param over that time
 * @param cpu of all its processes
 * @param netBytes received and sent
 */
public record Load(Duration over, Duration cpu, long netBytes) {
    private static final double PERCENT = 100.0;

    /** Of one vCPU. */
    double cpuPercent() {
        return PERCENT * cpu.toNanos() / Math.max(1, over.toNanos());
    }
}
