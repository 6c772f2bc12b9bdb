package dev.aegisvm.daemon.idle;

import dev.aegisvm.api.IdleTimeout;
import java.time.Duration;
import java.util.Optional;

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
