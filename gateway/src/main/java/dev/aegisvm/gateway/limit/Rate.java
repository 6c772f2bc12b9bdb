package dev.aegisvm.gateway.limit;

import module java.base;
import dev.aegisvm.gateway.policy.PolicyException;

/** Limits an instance's bytes in one direction: a token bucket of a tenth of a second. For all threads. */
public final class Rate {
    private static final Pattern SHAPE = Pattern.compile("([1-9]\\d{0,8})([KMG]?)");
    /** Each 1024 times the one before. */
    private static final List<String> UNITS = List.of("", "K", "M", "G");

    private static final long LEAST = 64 << 10;
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
        if (text.equals("none")) {
            return Optional.empty();
        }
        Matcher parts = SHAPE.matcher(text);
        long bytes = parts.matches() ? Long.parseLong(parts.group(1)) << (10 * UNITS.indexOf(parts.group(2))) : 0;
        if (bytes < LEAST) {
            throw new PolicyException(
                    "'" + text + "' is not a rate: use bytes per second: 512K, 10M or 1G, at least 64K, or none");
        }
        return Optional.of(bytes);
    }

    /** As users write it. */
    public static String text(long bytes) {
        int unit = Math.min(3, Long.numberOfTrailingZeros(bytes) / 10);
        return (bytes >> (10 * unit)) + UNITS.get(unit);
    }

    /** Waits until so many bytes may go. */
    public void take(int bytes) {
        try {
            TimeUnit.NANOSECONDS.sleep(reserve(bytes));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
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
