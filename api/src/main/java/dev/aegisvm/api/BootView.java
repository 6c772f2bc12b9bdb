package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How the last boot went.
 *
 * @param mode {@code spare}, {@code template}, {@code template-bare} or {@code cold}
 * @param totalMs milliseconds from the request to the started main process, by the daemon's clock; absent until then
 * @param stages milliseconds of each stage, in order
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record BootView(String mode, @Nullable Double totalMs, Map<String, Double> stages) {
    public BootView {
        stages = Absent.orEmpty(stages);
    }
}
