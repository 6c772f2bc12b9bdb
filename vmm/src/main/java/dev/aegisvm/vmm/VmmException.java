package dev.aegisvm.vmm;

/** A VM could not be started or driven. The message names the obstacle, {@link #hint} the next step. */
public final class VmmException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String message;
    private final String hint;

    public VmmException(String message, String hint) {
        super(message);
        this.message = message;
        this.hint = hint;
    }

    public VmmException(String message, String hint, Throwable cause) {
        super(message, cause);
        this.message = message;
        this.hint = hint;
    }

    /** What the user can do about it; may be empty. */
    public String hint() {
        return hint;
    }

    /** Never null, unlike in other exceptions. */
    @Override
    public String getMessage() {
        return message;
    }
}
