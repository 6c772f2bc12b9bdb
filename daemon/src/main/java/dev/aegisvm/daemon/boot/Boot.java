package dev.aegisvm.daemon.boot;

import module java.base;
import dev.aegisvm.api.InstanceView.BootView;
import dev.aegisvm.daemon.instance.LiveVm;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;
import dev.aegisvm.vmm.Vm;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to boot, and its times, from the request to the started main process. It can be aborted from another
 * thread at any time: by killing what it has, never by interrupting a thread, which would close the guest channel under
 * its user.
 */
final class Boot {
    private static final double NANOS_PER_MILLI = 1e6;

    private final long requested;
    private final Optional<Path> resume;
    private final Map<String, Double> stages = new LinkedHashMap<>();
    private long stageBegan;
    private String mode = "";
    private @Nullable Double total;
    private @Nullable Vm vm;
    private boolean aborted;

    /** Begins now; {@code resume} is the saved machine that it goes on from, if it does. */
    Boot(long requested, Optional<Path> resume) {
        this.requested = requested;
        this.resume = resume;
        this.stageBegan = requested;
    }

    /** Makes the sequence fail at its current step, or when it has a VM; returns when that is gone. */
    void abort() {
        Vm started;
        synchronized (this) {
            aborted = true;
            started = vm;
        }
        if (started != null) {
            LiveVm.end(started);
        }
    }

    /** Takes note of the VM, so that an abort kills it; false when it is unwanted already. */
    synchronized boolean took(Vm started) {
        vm = started;
        mode = started.origin().mode().label();
        return !aborted;
    }

    synchronized boolean aborted() {
        return aborted;
    }

    Optional<Path> resume() {
        return resume;
    }

    /** A stage ended now; the next one begins. Returns its milliseconds. */
    synchronized double ended(String stage) {
        long now = System.nanoTime();
        double millis = Counters.millis(now - stageBegan);
        stages.merge(stage, millis, Double::sum);
        stageBegan = now;
        return millis;
    }

    synchronized void complete(Counters counters) {
        long nanos = System.nanoTime() - requested;
        total = Counters.millis(nanos);
        counters.time(Count.STARTS, nanos, "way", mode);
        stages.forEach((stage, millis) ->
                counters.time(Count.START_STAGES, (long) (millis * NANOS_PER_MILLI), "way", mode, "stage", stage));
    }

    synchronized BootView view() {
        return new BootView(mode, total, new LinkedHashMap<>(stages));
    }
}
