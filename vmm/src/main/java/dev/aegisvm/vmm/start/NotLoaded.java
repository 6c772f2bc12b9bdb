package dev.aegisvm.vmm.start;

import dev.aegisvm.vmm.VmmException;

/** A saved machine could not be loaded. The process is gone. A boot may still work. */
public final class NotLoaded extends VmmException {
    private final boolean forItsDisk;

    /** @param forItsDisk whether the hypervisor complained of the instance's disk */
    public NotLoaded(String message, boolean forItsDisk, Throwable cause) {
        super(message, "Start from its disk only: --disk-only.", cause);
        this.forItsDisk = forItsDisk;
    }

    boolean isForItsDisk() {
        return forItsDisk;
    }
}
