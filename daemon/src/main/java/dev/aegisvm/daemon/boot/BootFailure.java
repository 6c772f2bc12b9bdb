package dev.aegisvm.daemon.boot;

import dev.aegisvm.api.ErrorCode;
import org.jspecify.annotations.Nullable;

/** A boot that came to nothing; no VM is left. */
final class BootFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    BootFailure(ErrorCode code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    ErrorCode code() {
        return code;
    }
}
