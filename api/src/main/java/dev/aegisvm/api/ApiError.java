package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of every refusal.
 *
 * @param error one sentence
 * @param code a word of {@link ErrorCode}
 * @param hint what to do next
 * @param exitCode what a command line should exit with (125, 126 or 127), where the failure concerns a process
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ApiError(
        String error,
        String code,
        @Nullable String hint,
        @Nullable Integer exitCode) {

    public static ApiError of(ErrorCode code, String sentence) {
        return new ApiError(sentence, code.wire(), null, exitCodeOf(code));
    }

    public static ApiError of(ErrorCode code, String sentence, String hint) {
        return new ApiError(sentence, code.wire(), hint, exitCodeOf(code));
    }

    private static @Nullable Integer exitCodeOf(ErrorCode code) {
        return switch (code) {
            case COMMAND_NOT_FOUND -> 127;
            case COMMAND_NOT_EXECUTABLE -> 126;
            case BOOT_FAILED, SECRET_UNREADABLE, GUEST_FAILED, HOST_MEMORY_LOW, HOST_DISK_FULL -> 125;
            case BAD_REQUEST,
                    UNKNOWN_FIELD,
                    UNKNOWN_SECRET,
                    NOT_FOUND,
                    METHOD_NOT_ALLOWED,
                    HANDLE_IN_USE,
                    PORT_IN_USE,
                    WRONG_STATE,
                    DISABLED,
                    UNSUPPORTED,
                    TOO_LARGE,
                    FILE_NOT_FOUND,
                    FILE_DENIED,
                    FILE_EXISTS,
                    FILE_REFUSED,
                    GUEST_DISK_FULL,
                    IMAGE_NOT_FOUND,
                    IMAGE_UNAUTHORIZED,
                    REGISTRY_UNREACHABLE,
                    IMAGE_BROKEN,
                    IMAGE_TOO_LARGE,
                    IMAGE_WRONG_PLATFORM,
                    IMAGE_IN_USE,
                    IMAGE_STORAGE,
                    INTERNAL,
                    SHUTTING_DOWN -> null;
        };
    }
}
