package dev.aegisvm.api;

import org.jspecify.annotations.Nullable;

/** A request that is refused, with the status and the body of the answer. */
public final class ApiException extends RuntimeException {
    private final int status;
    private final transient ApiError error;

    public ApiException(ErrorCode code, String sentence) {
        this(code, sentence, null, null);
    }

    public ApiException(ErrorCode code, String sentence, String hint) {
        this(code, sentence, hint, null);
    }

    public ApiException(ErrorCode code, String sentence, @Nullable Throwable cause) {
        this(code, sentence, null, cause);
    }

    public ApiException(ErrorCode code, String sentence, @Nullable String hint, @Nullable Throwable cause) {
        this(code.status(), ApiError.of(code, sentence, hint), cause);
    }

    /** A refusal with a body of its own and this HTTP status, 400..599. */
    public ApiException(int status, ApiError error, @Nullable Throwable cause) {
        super(error.error(), cause);
        this.status = status;
        this.error = error;
    }

    public int status() {
        return status;
    }

    public ApiError error() {
        return error;
    }
}
