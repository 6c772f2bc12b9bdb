package dev.aegisvm.image;

import org.jspecify.annotations.Nullable;

/** An image could not be had. The message names the obstacle, {@link #hint} the next step. */
public final class ImageException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String message;
    private final String hint;

    /** What stood in the way. */
    public enum Reason {
        /** A reference that cannot be one. */
        BAD_REFERENCE,
        /** There is no such image, here or there. */
        NOT_FOUND,
        /** The registry wants to know who asks, or does not let them. */
        UNAUTHORIZED,
        /** The registry does not answer, or not in a way that helps. */
        UNREACHABLE,
        /** The image is not what its digests say, or not what an image may be. */
        BROKEN,
        /** The image is beyond a limit. */
        TOO_LARGE,
        /** There is none for this machine. */
        WRONG_PLATFORM,
        /** An instance needs it. */
        IN_USE,
        /** The cache cannot be read or written. */
        STORAGE
    }

    public ImageException(Reason reason, String message, String hint) {
        this(reason, message, hint, null);
    }

    public ImageException(Reason reason, String message, String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
        this.message = message;
        this.hint = hint;
    }

    /** The image breaks a rule that protects whoever uses it. */
    public static ImageException broken(String message) {
        return new ImageException(Reason.BROKEN, message, "ask whoever built the image");
    }

    /** The image is beyond a limit. */
    public static ImageException tooLarge(String message) {
        return new ImageException(Reason.TOO_LARGE, message, "");
    }

    /** The cache's file system is in the way. */
    public static ImageException storage(String doing, Exception obstacle) {
        return new ImageException(
                Reason.STORAGE,
                "cannot " + doing + ": " + obstacle.getMessage(),
                "see that the cache's file system has space and is writable",
                obstacle);
    }

    public Reason reason() {
        return reason;
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
