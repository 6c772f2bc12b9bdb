package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * A part of what the daemon keeps on the host's disk, or what was removed of it.
 *
 * @param part {@code guest}, {@code templates}, {@code images}, {@code disks}, {@code snapshots} or {@code logs}
 * @param count how many things
 * @param bytes what they take up, holes not counted
 * @param reclaimableBytes what {@link Routes#PRUNE_STORAGE} would free of it now; absent in its answer
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record StorageView(
        String part, int count, long bytes, @Nullable Long reclaimableBytes) {}
