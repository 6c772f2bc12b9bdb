package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of every refusal.
 *
 * @param error one sentence
 * @param code a word of {@link ErrorCode}
 * @param hint what to do next
 * @param exitCode what a command line should exit with (125, 126 or 127), where the failure concerns a process
 * @param log the last lines of the log of an instance that did not start
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ApiError(
        String error,
        String code,
        @Nullable String hint,
        @Nullable Integer exitCode,
        @Nullable List<String> log) {

    public ApiError withLog(List<String> lines) {
        return new ApiError(error, code, hint, exitCode, lines);
    }
}
