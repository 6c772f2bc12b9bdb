package dev.aegisvm.daemon.boot;

import dev.aegisvm.vmm.Vm;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to boot. It can be aborted from another thread at any time: by killing what it has, never by interrupting a
 * thread, which would close the guest channel under whoever uses it.
 */
final class Boot {
    private final BootClock clock;
    private @Nullable Vm vm;
    private boolean aborted;

    Boot(BootClock clock) {
        this.clock = clock;
    }

    BootClock clock() {
        return clock;
    }

    /** Makes the sequence fail at its current step, or at the latest when the hypervisor has started the VM. */
    void abort() {
        Vm started;
        synchronized (this) {
            aborted = true;
            started = vm;
        }
        if (started != null) {
            started.kill();
        }
    }

    /** Takes note of the VM, so that an abort kills it; false when it is unwanted already. */
    synchronized boolean took(Vm started) {
        vm = started;
        return !aborted;
    }

    synchronized boolean aborted() {
        return aborted;
    }
}
