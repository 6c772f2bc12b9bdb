package dev.aegisvm.vmm;

import module java.base;
import dev.aegisvm.host.HostError;

/** A VM could not be started or driven. The message names the obstacle, {@link #hint} the next step. */
public class VmmException extends Exception {
    private final String hint;

    public VmmException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    public VmmException(String message, String hint, Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** A file cannot be made, written or deleted. */
    public static VmmException storage(String doing, IOException obstacle) {
        return new VmmException(
                "cannot " + doing + ": " + HostError.text(obstacle),
                "Check that the file system has free space (df -h) and is writable, then try again.",
                obstacle);
    }

    /** What the user can do about it; may be empty. */
    public String hint() {
        return hint;
    }

    /** Never null, unlike in other exceptions. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }
}
