package dev.aegisvm.daemon.idle;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of an instance that runs, at one moment.
 *
 * @param times its timeouts
 * @param uses what uses it from outside, as a part of a sentence
 * @param keepalive until when a client holds it awake
 * @param sinceUse how long ago it was last used
 * @param load what its guest used in the time that it may be idle; empty when that is not known yet
 * @param cpuPercent the share of one vCPU that an idle guest may use
 */
public record Signals(
        IdleTimes times,
        Optional<String> uses,
        Optional<Instant> keepalive,
        Duration sinceUse,
        Optional<Load> load,
        int cpuPercent) {
    /** Whether somebody needs it at this moment. */
    public boolean inUse() {
        return uses.isPresent() || keepalive.isPresent();
    }
}
