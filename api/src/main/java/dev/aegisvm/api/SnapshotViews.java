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
     * @param instance of which it was taken: its name then
     * @param parent the snapshot of this instance that it went on from: the one before, or the one that it was rewound
     *     to
     * @param memory whether what ran is in it; else it is the disk alone
     * @param sizeBytes on the host's disk, with what it has in common with others
     * @param withSecrets whether values of secrets may be in it
     * @param changes how many files its instance has added, changed or deleted since; absent: that was not asked, or it
     *     is gone
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

    /**
     * The body of {@link Routes#CREATE_SNAPSHOT}.
     *
     * @param name absent: that of the instance, with the time
     * @param diskOnly leave out what runs
     * @param withSecrets allow values of secrets to be in it
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record TakeSnapshot(
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String note,
            @Nullable Boolean withSecrets) {}

    /**
     * The body of {@link Routes#EXPORT_SNAPSHOT} and {@link Routes#IMPORT_SNAPSHOT}.
     *
     * @param path of the file on this host, absolute; a new one for an export
     * @param name of an import: what the snapshot is called here; absent: as it was there
     * @param look of an import: only say what would be taken in, in the notice
     */
    @Json
    public record SnapshotFile(
            @Nullable String path,
            @Nullable String name,
            @Nullable Boolean look) {}

    /**
     * A snapshot that was in a file.
     *
     * @param notice why what ran was left out; absent: it was not, or there was nothing. Of a look: how much will be
     *     written
     */
    @Json
    public record ImportedSnapshot(
            SnapshotView snapshot, @Nullable String notice) {}

    /**
     * The body of {@link Routes#REWIND}.
     *
     * @param snapshot of this instance
     * @param discard do not keep its present state as a snapshot
     * @param diskOnly it boots, with the disk of then
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record RewindRequest(
            @Nullable String snapshot,
            @Nullable Boolean discard,
            @Nullable Boolean diskOnly) {}

    /**
     * The answer to it.
     *
     * @param kept the snapshot of what it was before; absent: none was wanted
     */
    @Json
    public record RewindView(String status, @Nullable String kept) {}

    /**
     * The body of {@link Routes#FORK}.
     *
     * @param count how many; absent: 1
     * @param name which theirs begin with, before {@code -1} and so on; absent: that of what is forked
     * @param diskOnly they boot, with a copy of the disk
     * @param workspace in the place of a workspace of the host's: a name, of which several have one each, or a
     *     directory
     * @param shareWorkspace they have the same directories of the host as what is forked
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ForkRequest(
            @Nullable Integer count,
            @Nullable String name,
            @Nullable Boolean diskOnly,
            @Nullable String workspace,
            @Nullable Boolean shareWorkspace) {}
}
