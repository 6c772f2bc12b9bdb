package dev.aegisvm.daemon.boot;

import dev.aegisvm.daemon.exec.ProcessClient;
import dev.aegisvm.vmm.Vm;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to boot. It can be aborted from another thread at any time: by killing what it has, never by interrupting a
 * thread, which would close the guest channel under whoever uses it.
 */
final class Boot {
    private final BootClock clock;
    private final CompletableFuture<ProcessClient> client;
    private @Nullable Vm vm;
    private boolean aborted;

    /** @param client completes when somebody attaches, or at once where nobody has to */
    Boot(BootClock clock, CompletableFuture<ProcessClient> client) {
        this.clock = clock;
        this.client = client;
    }

    BootClock clock() {
        return clock;
    }

    CompletableFuture<ProcessClient> client() {
        return client;
    }

    /** Makes the sequence fail at its current step, or at the latest when the hypervisor has started the VM. */
    void abort() {
        Vm started;
        synchronized (this) {
            aborted = true;
            started = vm;
        }
        client.cancel(false);
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
