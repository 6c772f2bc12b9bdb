package dev.aegisvm.daemon.instance;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Tells when the time of one instance is over. For one thread. */
final class Expiry {
    private final ScheduledExecutorService timers;
    private final Runnable over;
    private Optional<Instant> at = Optional.empty();
    private @Nullable ScheduledFuture<?> timer;

    /** @param over what is to be done then; must not block */
    Expiry(ScheduledExecutorService timers, Runnable over) {
        this.timers = timers;
        this.over = over;
    }

    /** Replaces the time; one that has passed already is over at once, and an absent one never. */
    void set(Optional<Instant> when) {
        if (at.equals(when)) {
            return;
        }
        at = when;
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        when.ifPresent(end -> timer = timers.schedule(
                over, Math.max(0, Duration.between(Instant.now(), end).toMillis()), TimeUnit.MILLISECONDS));
    }
}
