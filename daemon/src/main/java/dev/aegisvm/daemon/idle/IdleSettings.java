package dev.aegisvm.daemon.idle;

import module java.base;
import dev.aegisvm.api.IdleTimeout;
import io.avaje.jsonb.Json;

/**
 * What holds for the instances that do not ask for something else.
 *
 * @param pause how long an instance may be idle before it is paused
 * @param stop how long after that it is stopped
 * @param cpuPercent a guest that uses more than this share of one vCPU is not idle; 0..100
 * @param canPause whether VMs can be paused; if not, an idle instance is stopped when it would have been after the
 *     pause
 */
public record IdleSettings(IdleTimeout pause, IdleTimeout stop, int cpuPercent, boolean canPause) {
    /** The timeouts of one instance. Where no connection can wake it, it only sleeps when that was asked for. */
    public IdleTimes times(AskedTimeouts asked, boolean wakeable) {
        IdleTimeout toPause = asked.pause().orElse(wakeable ? pause : IdleTimeout.NEVER);
        IdleTimeout toStop = asked.stop().orElse(wakeable ? stop : IdleTimeout.NEVER);
        return canPause
                ? new IdleTimes(toPause, toStop, wakeable)
                : new IdleTimes(IdleTimeout.NEVER, oneAfterTheOther(toPause, toStop), wakeable);
    }

    private static IdleTimeout oneAfterTheOther(IdleTimeout first, IdleTimeout then) {
        return new IdleTimeout(
                then.limit().map(limit -> limit.plus(first.limit().orElse(Duration.ZERO))));
    }

    /** The timeouts that were asked for one instance; where one is empty, the daemon's applies. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record AskedTimeouts(Optional<IdleTimeout> pause, Optional<IdleTimeout> stop) {
        public static final AskedTimeouts NONE = new AskedTimeouts(Optional.empty(), Optional.empty());
    }

    /**
     * The timeouts that an instance has.
     *
     * @param pause how long it may be idle before it is paused
     * @param stop how long after that pause it is stopped; how long it may be idle before, where it is never paused
     * @param wakeable whether a connection can wake it
     */
    public record IdleTimes(IdleTimeout pause, IdleTimeout stop, boolean wakeable) {
        /** How long it may be idle while it runs; empty: for ever. */
        public Optional<Duration> whileRunning() {
            return pause.limit().or(stop::limit);
        }
    }
}
