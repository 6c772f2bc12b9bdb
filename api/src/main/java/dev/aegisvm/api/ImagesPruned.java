package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * The answer to {@link Routes#PRUNE_IMAGES}.
 *
 * @param pruned how many images were removed
 * @param freedBytes what they took up
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ImagesPruned(int pruned, List<String> digests, long freedBytes) {
    public ImagesPruned {
        digests = Absent.orEmpty(digests);
    }
}
