package dev.aegisvm.daemon.idle;

import dev.aegisvm.api.IdleTimeout;

/**
 * What holds for the instances that do not ask for something else.
 *
 * @param pause how long an instance may be idle before it is paused
 * @param stop how long after that it is stopped
 * @param cpuPercent a guest that uses more than this share of one vCPU is not idle; 0..100
 */
public record IdleSettings(IdleTimeout pause, IdleTimeout stop, int cpuPercent) {
    /**
     * The timeouts of one instance.
     *
     * @param wakeable whether a connection can wake it; if none can, it only sleeps when that was asked for
     */
    public IdleTimes times(AskedTimeouts asked, boolean wakeable) {
        return new IdleTimes(
                asked.pause().orElse(wakeable ? pause : IdleTimeout.NEVER),
                asked.stop().orElse(wakeable ? stop : IdleTimeout.NEVER),
                wakeable);
    }
}
