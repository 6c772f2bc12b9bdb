package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Saved moments of instances, and what goes on from them. {@code openapi.yaml} describes the fields. */
public final class SnapshotViews {
    private SnapshotViews() {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record SnapshotView(
            String name,
            String instance,
            @Nullable String parent,
            Instant createdAt,
            boolean memory,
            long sizeBytes,
            @Nullable String note,
            boolean withSecrets,
            @Nullable Integer changes) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record TakeSnapshot(
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String note,
            @Nullable Boolean withSecrets) {}

    @Json
    public record SnapshotFile(
            @Nullable String path,
            @Nullable String name,
            @Nullable Boolean look) {}

    @Json
    public record ImportedSnapshot(
            SnapshotView snapshot, @Nullable String notice) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record RewindRequest(
            @Nullable String snapshot,
            @Nullable Boolean discard,
            @Nullable Boolean diskOnly) {}

    @Json
    public record RewindView(String status, @Nullable String kept) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ForkRequest(
            @Nullable Integer count,
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String workspace,
            @Nullable Boolean shareWorkspace) {}
}
