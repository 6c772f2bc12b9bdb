package dev.aegisvm.daemon.instance;

import module java.base;
import io.avaje.jsonb.Json;

/**
 * A moment of an instance that was kept.
 *
 * @param id {@code snap-…}, the name of its directory
 * @param backend by which its memory was saved; empty: it is the disk alone
 * @param withSecrets whether values of secrets may be in the memory
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record SnapshotRecord(
        String id,
        String name,
        Optional<String> note,
        Instant takenAt,
        Optional<String> backend,
        boolean withSecrets,
        InstanceSpec spec) {
    public static final String PREFIX = "snap-";

    /** Whether what ran is in it. */
    public boolean memory() {
        return backend.isPresent();
    }

    public SnapshotRecord named(String other) {
        return new SnapshotRecord(id, other, note, takenAt, backend, withSecrets, spec);
    }
}
