package dev.aegisvm.api;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a request was refused: the stable word that programs may compare, and the HTTP status it comes with; what each
 * means is in {@code openapi.yaml}.
 */
public enum ErrorCode {
    BAD_REQUEST(400),
    UNKNOWN_FIELD(400),
    UNKNOWN_SECRET(400),
    NOT_FOUND(404),
    METHOD_NOT_ALLOWED(405),
    HANDLE_IN_USE(409),
    WRONG_STATE(409),
    DISABLED(409),
    WORKSPACE_SHARED(409),
    SECRET_IN_MEMORY(409),
    SNAPSHOT_FAILED(500),
    SNAPSHOTS_FULL(507),
    UNSUPPORTED(501),
    PORT_IN_USE(409),
    TOO_LARGE(413),
    IMAGE_NOT_FOUND(404),
    IMAGE_UNAUTHORIZED(403),
    REGISTRY_UNREACHABLE(502),
    IMAGE_BROKEN(422),
    IMAGE_TOO_LARGE(422),
    IMAGE_WRONG_PLATFORM(422),
    IMAGE_IN_USE(409),
    IMAGE_STORAGE(500),
    COMMAND_NOT_FOUND(422, 127),
    COMMAND_NOT_EXECUTABLE(422, 126),
    FILE_NOT_FOUND(404),
    FILE_DENIED(403),
    FILE_EXISTS(409),
    FILE_REFUSED(422),
    GUEST_DISK_FULL(507),
    INTERNAL(500),
    SECRET_UNREADABLE(500, 125),
    BOOT_FAILED(500, 125),
    GUEST_FAILED(502, 125),
    HOST_MEMORY_LOW(503, 125),
    HOST_DISK_FULL(507, 125),
    SHUTTING_DOWN(503);

    private final int status;
    /** What a command line exits with where the failure concerns a process. */
    private final @Nullable Integer exitCode;

    ErrorCode(int status) {
        this(status, null);
    }

    ErrorCode(int status, @Nullable Integer exitCode) {
        this.status = status;
        this.exitCode = exitCode;
    }

    /** The HTTP status, 400..599. */
    public int status() {
        return status;
    }

    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The body of a refusal: a sentence, and what to do next. */
    public ApiError error(String sentence) {
        return error(sentence, null);
    }

    public ApiError error(String sentence, @Nullable String hint) {
        return new ApiError(sentence, wire(), hint, exitCode, null);
    }

    /** What is thrown to refuse a request: a sentence, and what to do next. */
    public ApiException refusal(String sentence) {
        return refusal(sentence, null, null);
    }

    public ApiException refusal(String sentence, String hint) {
        return refusal(sentence, hint, null);
    }

    public ApiException refusal(String sentence, @Nullable Throwable cause) {
        return refusal(sentence, null, cause);
    }

    public ApiException refusal(String sentence, @Nullable String hint, @Nullable Throwable cause) {
        return new ApiException(status, error(sentence, hint), cause);
    }
}
