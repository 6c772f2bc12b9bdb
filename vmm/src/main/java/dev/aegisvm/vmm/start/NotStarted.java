package dev.aegisvm.vmm.start;

import dev.aegisvm.vmm.VmmException;

/** The hypervisor ended, or did not come, before the guest ran. */
public final class NotStarted extends VmmException {
    public NotStarted(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }
}
