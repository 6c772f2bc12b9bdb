package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;

/**
 * The answer to {@link Routes#PRUNE}.
 *
 * @param pruned how many instances were removed
 */
@Json
public record PruneView(int pruned, List<String> ids) {
    public PruneView {
        ids = Absent.orEmpty(ids);
    }
}
