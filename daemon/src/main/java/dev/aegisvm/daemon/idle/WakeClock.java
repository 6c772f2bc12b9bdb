package dev.aegisvm.daemon.idle;

import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakeView;
import dev.aegisvm.api.StatsView.WakesView;
import dev.aegisvm.daemon.idle.WakeTimes.From;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Measures how long one instance takes to wake up: from the moment in which it is asked for until its VM runs. */
public final class WakeClock {
    private static final int MEDIAN = 50;
    private static final int NEARLY_ALL = 99;
    private static final double MICROS_PER_MILLI = 1000.0;

    private final WakeTimes times = new WakeTimes();
    private final Instant since = Instant.now();
    private Optional<Waking> waking = Optional.empty();
    private boolean born;

    /** @param asked {@link System#nanoTime} when */
    private record Waking(From from, long asked) {}

    /** @param born whether it has been booted before, by an earlier daemon at least */
    public WakeClock(boolean born) {
        this.born = born;
    }

    /** What a change of state means for a wake. */
    public enum Mark {
        /** It is asked for while it is stopped; the first boot is no wake. */
        FROM_STOPPED,
        /** It is asked for while it is paused, or about to be. */
        FROM_PAUSED,
        AWAKE,
        FAILED,
        /** Somebody asked for something else meanwhile. */
        GIVEN_UP
    }

    /**
     * Takes note of it.
     *
     * @param asked {@link System#nanoTime} when the event came in
     */
    public synchronized void note(Mark mark, long asked) {
        switch (mark) {
            case FROM_STOPPED -> {
                waking = born ? Optional.of(new Waking(From.STOPPED, asked)) : Optional.empty();
                born = true;
            }
            case FROM_PAUSED -> waking = Optional.of(new Waking(From.PAUSED, asked));
            case AWAKE -> {
                waking.ifPresent(
                        woken -> times.woke(woken.from(), Duration.ofNanos(System.nanoTime() - woken.asked())));
                waking = Optional.empty();
            }
            case FAILED -> {
                waking.ifPresent(missed -> times.failed(missed.from()));
                waking = Optional.empty();
            }
            case GIVEN_UP -> waking = Optional.empty();
        }
    }

    /** How often it woke, and how fast. */
    public StatsView view(String id) {
        return new StatsView(id, since, new WakesView(view(From.PAUSED), view(From.STOPPED)));
    }

    private WakeView view(From from) {
        return new WakeView(times.woken(from), times.failures(from), millis(from, MEDIAN), millis(from, NEARLY_ALL));
    }

    private @Nullable Double millis(From from, int percent) {
        OptionalDouble millis = times.percentileMs(from, percent);
        return millis.isPresent() ? Math.round(millis.getAsDouble() * MICROS_PER_MILLI) / MICROS_PER_MILLI : null;
    }
}
