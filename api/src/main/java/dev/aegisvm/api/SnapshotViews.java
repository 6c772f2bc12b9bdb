package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Moments of instances that were kept, and what goes on from them. */
public final class SnapshotViews {
    private SnapshotViews() {}

    /**
     * A snapshot.
     *
     * @param name which no instance and no other snapshot has
     */
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

    /** The body of {@link Routes#CREATE_SNAPSHOT}. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record TakeSnapshot(
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String note,
            @Nullable Boolean withSecrets) {}

    /** The body of {@link Routes#EXPORT_SNAPSHOT} and {@link Routes#IMPORT_SNAPSHOT}. */
    @Json
    public record SnapshotFile(
            @Nullable String path,
            @Nullable String name,
            @Nullable Boolean look) {}

    /** A snapshot that was in a file. */
    @Json
    public record ImportedSnapshot(
            SnapshotView snapshot, @Nullable String notice) {}

    /** The body of {@link Routes#REWIND}. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record RewindRequest(
            @Nullable String snapshot,
            @Nullable Boolean discard,
            @Nullable Boolean diskOnly) {}

    /** The answer to it. */
    @Json
    public record RewindView(String status, @Nullable String kept) {}

    /** The body of {@link Routes#FORK}. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ForkRequest(
            @Nullable Integer count,
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String workspace,
            @Nullable Boolean shareWorkspace) {}
}
