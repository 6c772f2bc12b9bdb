package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@code GET /v1/status}.
 *
 * @param status always {@code running}
 * @param capabilities what the backend can do
 * @param uptimeMs milliseconds since it answers
 */
@RecordBuilder
@RecordBuilder.Options(buildMethodName = "make")
@Json(naming = Json.Naming.LowerUnderscore)
public record StatusView(
        String status,
        String backend,
        Map<String, Boolean> capabilities,
        Map<String, String> jail,
        String version,
        long pid,
        long uptimeMs,
        int instances,
        @Nullable String routerAddr,
        @Nullable String routerError,
        @Nullable String build,
        StatsView.@Nullable HeldView held) {
    public StatusView {
        capabilities = Absent.orEmpty(capabilities);
        jail = Absent.orEmpty(jail);
    }
}
