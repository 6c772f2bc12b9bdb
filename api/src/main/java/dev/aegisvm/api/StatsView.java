package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What an instance uses, from the host's side, and how it woke up; {@code openapi.yaml} describes the fields. */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record StatsView(
        String id,
        Instant since,
        WakesView wakes,
        @Nullable String handle,
        @Nullable InstanceStatus state,
        @Nullable Instant at,
        @Nullable Long cpuMs,
        @Nullable MemoryView memory,
        @Nullable DiskView disk,
        @Nullable NetworkView network,
        @Nullable HeldView held) {

    @Json
    public record MemoryView(long unique, long shared, long limit) {}

    @Json
    public record DiskView(long used, long limit) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record NetworkView(long relayedIn, long relayedOut, int connections) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record HeldView(
            long bytes,
            long files,
            @Nullable Long maxBytes,
            @Nullable Long maxFiles) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakesView(
            WakeView paused, WakeView stopped, @Nullable LastWake last) {}

    @Json
    public record LastWake(String from, String because, double ms) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakeView(
            long count,
            long failed,
            @Nullable Double p50Ms,
            @Nullable Double p99Ms) {}
}
