package dev.aegisvm.daemon.idle;

import module java.base;
import dev.aegisvm.api.StatsView.*;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;
import org.jspecify.annotations.Nullable;

/** Measures how long one instance takes to wake up: from the moment in which it is asked for until its VM runs. */
public final class WakeClock {
    private static final int MEDIAN = 50;
    private static final int NEARLY_ALL = 99;

    private final Wakes fromPaused;
    private final Wakes fromStopped;
    private final Instant since = Instant.now();
    private Optional<Waking> waking = Optional.empty();
    private boolean born;

    private @Nullable LastWake last;

    /** @param asked {@link System#nanoTime} when */
    private record Waking(Wakes from, long asked, String because) {
        LastWake done() {
            long nanos = System.nanoTime() - asked;
            from.woke(nanos);
            return new LastWake(from.state, because, Counters.millis(nanos));
        }
    }

    /** {@code born} is one that has been booted before, by an earlier daemon at least. */
    public WakeClock(boolean born, Counters counters) {
        this.born = born;
        this.fromPaused = new Wakes("paused", counters);
        this.fromStopped = new Wakes("stopped", counters);
    }

    /** What a change of state means for a wake. */
    public enum Mark {
        /** It is asked for while it is stopped; the first boot is no wake. */
        FROM_STOPPED,
        /** It is asked for while it is paused, or about to be. */
        FROM_PAUSED,
        AWAKE,
        FAILED,
        /** A client asked for something else meanwhile. */
        GIVEN_UP
    }

    /** Takes note of an event, which came in at that {@link System#nanoTime} because of something. */
    public synchronized void note(Mark mark, long asked, String because) {
        Optional<Waking> before = waking;
        waking = Optional.empty();
        switch (mark) {
            case FROM_STOPPED -> {
                waking = born ? Optional.of(new Waking(fromStopped, asked, because)) : Optional.empty();
                born = true;
            }
            case FROM_PAUSED -> waking = Optional.of(new Waking(fromPaused, asked, because));
            case AWAKE -> before.ifPresent(woken -> last = woken.done());
            case FAILED -> before.ifPresent(missed -> missed.from().failed++);
            case GIVEN_UP -> {}
        }
    }

    public Instant since() {
        return since;
    }

    public synchronized WakesView view() {
        return new WakesView(fromPaused.view(), fromStopped.view(), last);
    }

    /** The wakes of one kind; the times of the latest {@value #KEPT} are kept. */
    static final class Wakes {
        private static final int KEPT = 1000;
        private static final double PERCENT = 100.0;

        private final String state;
        private final Counters counters;
        private final Deque<Long> latest = new ArrayDeque<>();
        private long woken;
        private long failed;

        Wakes(String state, Counters counters) {
            this.state = state;
            this.counters = counters;
        }

        void woke(long nanos) {
            woken++;
            counters.time(Count.WAKES, nanos, "state", state);
            latest.add(nanos);
            if (latest.size() > KEPT) {
                latest.removeFirst();
            }
        }

        WakeView view() {
            return new WakeView(woken, failed, percentileMs(MEDIAN), percentileMs(NEARLY_ALL));
        }

        /** The milliseconds within which so many percent of the latest wakes were done (nearest rank). */
        @Nullable
        Double percentileMs(int percent) {
            long[] sorted = latest.stream().mapToLong(Long::longValue).sorted().toArray();
            if (sorted.length == 0) {
                return null;
            }
            int rank = (int) Math.ceil(percent / PERCENT * sorted.length);
            return Counters.millis(sorted[rank - 1]);
        }
    }
}
