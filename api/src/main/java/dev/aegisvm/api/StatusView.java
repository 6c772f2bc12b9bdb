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
 * @param jail what stands around each VM on this host: {@code yes}, or {@code no} and why
 * @param uptimeMs milliseconds since it answers
 * @param instances how many there are, in any state
 * @param routerAddr host and port of the HTTP router; absent while it does not listen
 * @param routerError why it does not, and what can be done; goes on after "the HTTP router"
 * @param build of the daemon, as in the header {@link Build#HEADER}
 * @param held what guests and clients make the daemon hold
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
