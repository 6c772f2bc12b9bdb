package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A record could not be read or written; the message says which and why. */
public class StoreException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final @Nullable String hint;

    public StoreException(String message, @Nullable Throwable cause) {
        this(message, ErrorCode.INTERNAL, null, cause);
    }

    private StoreException(String message, ErrorCode code, @Nullable String hint, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
        this.hint = hint;
    }

    /** There is no room for it. */
    public static StoreException full(String what, Path file, Throwable cause) {
        return new StoreException(
                what + ": the disk of the host is full",
                ErrorCode.HOST_DISK_FULL,
                "free some space (df -h " + file + "), then try again",
                cause);
    }

    /** What somebody who asked for it is told. */
    public ApiException refusal() {
        String message = String.valueOf(getMessage());
        return new ApiException(
                code.status(), hint == null ? ApiError.of(code, message) : ApiError.of(code, message, hint), this);
    }
}
