package dev.aegisvm.daemon.idle;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/** How often an instance woke up, and how long that took. Of each kind, the latest {@value #KEPT} are kept. For all threads. */
public final class WakeTimes {
    private static final int KEPT = 1000;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double PERCENT = 100.0;

    private final Map<From, Series> series = new EnumMap<>(From.class);

    /** What it woke from. */
    public enum From {
        PAUSED,
        STOPPED
    }

    /** A kind of wakes, and the latest of them in nanoseconds. */
    private static final class Series {
        private final Deque<Long> latest = new ArrayDeque<>();
        private long woken;
        private long failed;
    }

    public WakeTimes() {
        for (From from : From.values()) {
            series.put(from, new Series());
        }
    }

    private Series of(From from) {
        return Objects.requireNonNull(series.get(from));
    }

    /** It woke up in so much time. */
    public synchronized void woke(From from, Duration took) {
        Series all = of(from);
        all.woken++;
        all.latest.add(took.toNanos());
        if (all.latest.size() > KEPT) {
            all.latest.removeFirst();
        }
    }

    /** It did not. */
    public synchronized void failed(From from) {
        of(from).failed++;
    }

    /** How often it woke up. */
    public synchronized long woken(From from) {
        return of(from).woken;
    }

    /** How often it should have, and did not. */
    public synchronized long failures(From from) {
        return of(from).failed;
    }

    /**
     * The time, in milliseconds, within which so many of the latest wakes were done (nearest rank); empty when there were
     * none.
     *
     * @param percent 1..100
     */
    public synchronized OptionalDouble percentileMs(From from, int percent) {
        long[] sorted =
                of(from).latest.stream().mapToLong(Long::longValue).sorted().toArray();
        if (sorted.length == 0) {
            return OptionalDouble.empty();
        }
        int rank = (int) Math.ceil(percent / PERCENT * sorted.length);
        return OptionalDouble.of(sorted[Math.max(rank, 1) - 1] / NANOS_PER_MILLI);
    }
}
