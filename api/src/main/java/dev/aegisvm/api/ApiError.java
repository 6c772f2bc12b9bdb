package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The body of every refusal; {@code openapi.yaml} describes its fields. */
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
