package dev.aegisvm.gateway.limit;

import module java.base;
import dev.aegisvm.gateway.policy.PolicyException;

/** Limits an instance's bytes in one direction: a token bucket of a tenth of a second. For all threads. */
public final class Rate {
    private static final Pattern SHAPE = Pattern.compile("([1-9]\\d{0,8})([KMG]?)");
    private static final String NONE = "none";
    private static final long LEAST = 64 << 10;
    private static final int LEAST_AT_ONCE = 4096;
    private static final int MOST_AT_ONCE = 65_536;
    private static final long NANOS = 1_000_000_000;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    /** When the bucket will be full again. */
    private long full;

    /** @param nanoTime the clock, as {@link System#nanoTime} */
    public Rate(long bytesPerSecond, LongSupplier nanoTime) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.full = nanoTime.getAsLong();
    }

    /** Bytes a second, as users write them: {@code 10M} is 10 MiB, at least 64K; nothing for {@code none}. */
    public static Optional<Long> parse(String text) {
        if (text.equals(NONE)) {
            return Optional.empty();
        }
        Matcher parts = SHAPE.matcher(text);
        long bytes = parts.matches()
                ? Long.parseLong(parts.group(1))
                        << switch (parts.group(2)) {
                            case "K" -> 10;
                            case "M" -> 20;
                            case "G" -> 30;
                            default -> 0;
                        }
                : 0;
        if (bytes < LEAST) {
            throw new PolicyException(
                    "'" + text + "' is not a rate: use bytes per second: 512K, 10M or 1G, at least 64K, or none");
        }
        return Optional.of(bytes);
    }

    /** As users write it. */
    public static String text(long bytes) {
        int unit = Math.min(3, Long.numberOfTrailingZeros(bytes) / 10);
        return (bytes >> (10 * unit)) + List.of("", "K", "M", "G").get(unit);
    }

    /** How many bytes to take at a time: those of a sixteenth of a second, within bounds. */
    static int atOnce(Optional<Long> bytesPerSecond) {
        return Math.clamp(bytesPerSecond.orElse(Long.MAX_VALUE) / 16, LEAST_AT_ONCE, MOST_AT_ONCE);
    }

    /** Waits until so many bytes may go. */
    public void take(int bytes) {
        long wait = reserve(bytes);
        long until = System.nanoTime() + wait;
        for (long left = wait; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(this, left);
            if (Thread.currentThread().isInterrupted()) {
                return;
            }
        }
    }

    /** Takes them out, and says after how many nanoseconds they may go; the next ones wait for these too. */
    synchronized long reserve(int bytes) {
        long now = nanoTime.getAsLong();
        long burst = NANOS / 10;
        full = (full - now < 0 ? now : full) + Math.multiplyExact(bytes, NANOS) / bytesPerSecond;
        return Math.max(0, full - now - burst);
    }
}
