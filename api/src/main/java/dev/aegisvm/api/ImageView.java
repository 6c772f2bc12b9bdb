package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.List;

/**
 * An image of the cache.
 *
 * @param digest of its manifest, {@code sha256:…}
 * @param names references in full that lead to it
 * @param sizeBytes what its root file system takes up
 * @param createdAt when it came into the cache
 * @param usedBy ids of the instances that are made of it
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ImageView(String digest, List<String> names, long sizeBytes, Instant createdAt, List<String> usedBy) {
    public ImageView {
        names = Absent.orEmpty(names);
        usedBy = Absent.orEmpty(usedBy);
    }
}
