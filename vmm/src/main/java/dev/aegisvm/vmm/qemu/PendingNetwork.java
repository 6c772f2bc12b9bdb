package dev.aegisvm.vmm.qemu;

import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.net.Passt;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/** A guest's network while it comes up, beside everything else that a start has to do. */
final class PendingNetwork {
    private final FutureTask<Passt> passt;

    private PendingNetwork(FutureTask<Passt> passt) {
        this.passt = passt;
    }

    static PendingNetwork start(Path runDirectory) {
        FutureTask<Passt> task = new FutureTask<>(() -> Passt.start(runDirectory));
        Thread.ofVirtual().name("passt-" + runDirectory.getFileName()).start(task);
        return new PendingNetwork(task);
    }

    /** Blocks until it is up, or says why it never will be. */
    Passt await() throws VmmException {
        try {
            return passt.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof VmmException reason) {
                throw reason;
            }
            throw new VmmException("cannot start the guest's network", "See the daemon's log.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmmException("interrupted while the guest's network came up", "", e);
        }
    }

    /** Ends it, once it is up. */
    void close() {
        try {
            await().close();
        } catch (VmmException neverStarted) {
            // Then there is nothing to close.
        }
    }
}
