package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * A part of what the daemon keeps on the host's disk, or what was removed of it.
 *
 * @param count how many things
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record StorageView(
        String part, int count, long bytes, @Nullable Long reclaimableBytes) {}
