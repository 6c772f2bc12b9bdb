package dev.aegisvm.vmm.qemu;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Times consecutive stages: each lasts from the end of the one before it. */
final class Stopwatch {
    private final Map<String, Duration> stages = new LinkedHashMap<>();
    private long last = System.nanoTime();

    void finished(String stage) {
        long now = System.nanoTime();
        stages.put(stage, Duration.ofNanos(now - last));
        last = now;
    }

    Map<String, Duration> stages() {
        return Collections.unmodifiableMap(stages);
    }
}
