package dev.aegisvm.gateway.limit;

import module java.base;
import dev.aegisvm.gateway.policy.PolicyException;

/** How fast an instance's bytes may go, in one direction: a bucket that holds those of a tenth of a second. For all threads. */
public final class Rate {
    private static final Pattern SHAPE = Pattern.compile("([1-9]\\d{0,8})([KMG]?)");
    private static final long LEAST = 1024;
    private static final long NANOS = 1_000_000_000;

    private final long bytesPerSecond;
    private final LongSupplier nanoTime;
    /** When the bucket will be full again. */
    private long full;

    /**
     * One with a full bucket.
     *
     * @param nanoTime the clock, as {@link System#nanoTime}
     */
    public Rate(long bytesPerSecond, LongSupplier nanoTime) {
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
        this.full = nanoTime.getAsLong();
    }

    /**
     * Bytes a second, as users write them: {@code 10M} is 10 MiB.
     *
     * @throws PolicyException when it is no number, or less than 1K
     */
    public static long parse(String text) throws PolicyException {
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
            throw new PolicyException("'" + text + "' is no rate: write bytes a second such as 512K, 10M or 1G");
        }
        return bytes;
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
