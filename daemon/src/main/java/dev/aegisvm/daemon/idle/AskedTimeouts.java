package dev.aegisvm.daemon.idle;

import dev.aegisvm.api.IdleTimeout;
import java.util.Optional;

/**
 * The timeouts that were asked for one instance; empty: the daemon's.
 *
 * @param pause how long it may be idle before it is paused
 * @param stop how long after that it is stopped
 */
public record AskedTimeouts(Optional<IdleTimeout> pause, Optional<IdleTimeout> stop) {
    public static final AskedTimeouts NONE = new AskedTimeouts(Optional.empty(), Optional.empty());
}
