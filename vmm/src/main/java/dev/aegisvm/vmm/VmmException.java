package dev.aegisvm.vmm;

import java.util.Objects;

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
