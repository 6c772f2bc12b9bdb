package dev.aegisvm.vmm.qemu;

/** A saved machine could not be loaded: the template is at fault, and a cold boot may still work. */
final class RestoreException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String message;

    RestoreException(String message, Throwable cause) {
        super(message, cause);
        this.message = message;
    }

    /** Never null, unlike in other exceptions. */
    @Override
    public String getMessage() {
        return message;
    }
}
