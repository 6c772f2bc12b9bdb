package dev.aegisvm.api;

import org.jspecify.annotations.Nullable;

/** A request that is refused, with the status and the body of the answer; usually made by {@link ErrorCode#refusal}. */
public final class ApiException extends RuntimeException {
    private final int status;
    private final transient ApiError error;

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
