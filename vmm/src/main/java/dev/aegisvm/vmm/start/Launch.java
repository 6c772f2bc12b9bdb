package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.VmSpec;

/**
 * One start of a machine.
 *
 * @param spec whom it is for; its disk is there
 * @param image what the guest boots, its root file system included
 */
public record Launch(VmSpec spec, GuestImage image, Accelerator accelerator, Stopwatch watch) {
    /** Times consecutive stages of a start: each lasts from the end of the one before it. */
    public static final class Stopwatch {
        private final Map<String, Duration> stages = new LinkedHashMap<>();
        private long last = System.nanoTime();

        public void finished(String stage) {
            long now = System.nanoTime();
            stages.put(stage, Duration.ofNanos(now - last));
            last = now;
        }

        Map<String, Duration> stages() {
            return stages;
        }
    }
}
