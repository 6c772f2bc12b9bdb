package dev.aegisvm.daemon.boot;

import dev.aegisvm.api.InstanceView.BootView;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Measures one boot, from the request to the started main process. */
final class BootClock {
    private static final double MICROS_PER_MILLI = 1000.0;

    private final long requested;
    private final Map<String, Double> stages = new LinkedHashMap<>();
    private long stageBegan;
    private String mode = "";
    private @Nullable Double total;

    /** @param requested {@link System#nanoTime} when the request came in */
    BootClock(long requested) {
        this.requested = requested;
        this.stageBegan = requested;
    }

    /** A stage ended now; the next one begins. Returns its milliseconds. */
    synchronized double ended(String stage) {
        long now = System.nanoTime();
        double millis = millis(now - stageBegan);
        stages.merge(stage, millis, Double::sum);
        stageBegan = now;
        return millis;
    }

    /** The VM is there: its own stages take the place of the one that ends now. */
    synchronized void vmStarted(String bootMode, Map<String, Duration> vmStages) {
        mode = bootMode;
        vmStages.forEach((stage, took) -> stages.merge(stage, millis(took.toNanos()), Double::sum));
        stageBegan = System.nanoTime();
    }

    synchronized void complete() {
        total = millis(System.nanoTime() - requested);
    }

    synchronized BootView view() {
        return new BootView(mode, total, new LinkedHashMap<>(stages));
    }

    private static double millis(long nanos) {
        return Math.round(nanos / MICROS_PER_MILLI) / MICROS_PER_MILLI;
    }
}
