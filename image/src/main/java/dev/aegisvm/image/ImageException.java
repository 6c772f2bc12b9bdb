package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.HostError;
import org.jspecify.annotations.Nullable;

/**
 * An image cannot be used. The message names the obstacle, {@link #hint} the next step. An I/O error, so that streams
 * of an image's bytes can throw it.
 */
public final class ImageException extends IOException {
    private final Reason reason;
    private final String hint;

    public enum Reason {
        BAD_REFERENCE,
        /** There is no such image, in the cache or in the registry. */
        NOT_FOUND,
        /** The registry wants credentials, or refuses those that we have. */
        UNAUTHORIZED,
        /** The registry does not answer, or not as a registry does. */
        UNREACHABLE,
        /** The image does not match its digests, or breaks the rules for images. */
        BROKEN,
        TOO_LARGE,
        WRONG_PLATFORM,
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
        this.hint = hint;
    }

    /** The image breaks a rule that protects its users. */
    public static ImageException broken(String message) {
        return new ImageException(Reason.BROKEN, message, "build the image again, or report it to its author");
    }

    public static ImageException tooLarge(String message) {
        return new ImageException(Reason.TOO_LARGE, message, "");
    }

    /** Why something could not be done with the cache: what we say of it, or what else failed. */
    public static ImageException storage(String doing, IOException obstacle) {
        return in(obstacle)
                .orElseGet(() -> new ImageException(
                        Reason.STORAGE,
                        "cannot " + doing + ": " + HostError.text(obstacle),
                        "check that the cache's file system has free space and is writable",
                        obstacle));
    }

    /** Something that may fail for want of what it reads or writes. */
    public interface Work<T> {
        T run() throws IOException;
    }

    /** Does it, and throws what {@link #storage} makes of an obstacle. */
    public static <T> T doing(String what, Work<T> work) throws ImageException {
        try {
            return work.run();
        } catch (IOException obstacle) {
            throw storage(what, obstacle);
        }
    }

    /** Why a layer could not be read: what we say of it, or what else failed. */
    public static ImageException inLayer(Throwable failure) {
        return in(failure)
                .orElseGet(() -> new ImageException(
                        Reason.BROKEN,
                        "a layer cannot be read: " + failure,
                        "pull or build the image again; if that fails, free space in the cache",
                        failure));
    }

    /** The failure itself, or the first of its causes, that is one of these. */
    public static Optional<ImageException> in(Throwable failure) {
        Throwable cause = failure;
        while (cause != null && !(cause instanceof ImageException)) {
            cause = cause.getCause();
        }
        return Optional.ofNullable((ImageException) cause);
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
        return Objects.requireNonNull(super.getMessage());
    }
}
