package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakeView;
import dev.aegisvm.api.StatsView.WakesView;
import dev.aegisvm.daemon.idle.WakeTimes;
import dev.aegisvm.daemon.idle.WakeTimes.From;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** Measures how long one instance takes to wake up: from the moment in which it is asked for until its VM runs. */
final class WakeClock {
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
    WakeClock(boolean born) {
        this.born = born;
    }

    /**
     * Takes note of an event that the instance has handled.
     *
     * @param asked {@link System#nanoTime} when it came in
     */
    synchronized void handled(InstanceEvent event, InstanceState before, InstanceState state, long asked) {
        if (before.equals(state)) {
            return;
        }
        Optional<From> from = begins(event, before, state);
        if (from.isPresent()) {
            waking = Optional.of(new Waking(from.get(), asked));
        } else if (state instanceof InstanceState.Running) {
            waking.ifPresent(woken -> times.woke(woken.from(), Duration.ofNanos(System.nanoTime() - woken.asked())));
            waking = Optional.empty();
        } else if (!isOnItsWay(state)) {
            boolean wanted = event instanceof InstanceEvent.Report;
            waking.filter(_ -> wanted).ifPresent(missed -> times.failed(missed.from()));
            waking = Optional.empty();
        }
    }

    /** What it wakes from, if that begins now. Its first boot is no waking up. */
    private Optional<From> begins(InstanceEvent event, InstanceState before, InstanceState state) {
        boolean asked = event instanceof InstanceEvent.Request;
        if (asked && before instanceof InstanceState.Stopped && state instanceof InstanceState.Starting) {
            boolean again = born;
            born = true;
            return again ? Optional.of(From.STOPPED) : Optional.empty();
        }
        return asked && isOnItsWay(state) && !(before instanceof InstanceState.Stopped)
                ? Optional.of(From.PAUSED)
                : Optional.empty();
    }

    private static boolean isOnItsWay(InstanceState state) {
        return switch (state) {
            case InstanceState.Starting _, InstanceState.Resuming _ -> true;
            case InstanceState.Pausing pausing -> pausing.next() == InstanceState.Next.RESUME;
            case InstanceState.Stopped _,
                    InstanceState.Running _,
                    InstanceState.Paused _,
                    InstanceState.Stopping _,
                    InstanceState.Aborting _,
                    InstanceState.Deleting _,
                    InstanceState.Deleted _ -> false;
        };
    }

    StatsView view(String id) {
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
