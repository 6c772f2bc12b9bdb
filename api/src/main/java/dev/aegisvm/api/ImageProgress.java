package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line of the answer to {@link Routes#PULL_IMAGE} and {@link Routes#LOAD_IMAGES}. The last one has the images, or the
 * fields of an {@link ApiError}.
 *
 * @param phase {@code downloading} or {@code building}
 * @param doneBytes bytes so far, compressed
 * @param totalBytes bytes in all; 0 while nobody knows
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ImageProgress(
        @Nullable String phase,
        @Nullable Long doneBytes,
        @Nullable Long totalBytes,
        @Nullable List<ImageView> images,
        @Nullable String error,
        @Nullable String code,
        @Nullable String hint) {
    /** How far it has come. */
    public static ImageProgress of(String phase, long doneBytes, long totalBytes) {
        return new ImageProgress(phase, doneBytes, totalBytes, null, null, null, null);
    }

    /** The end. */
    public static ImageProgress of(List<ImageView> images) {
        return new ImageProgress(null, null, null, images, null, null, null);
    }

    /** The end, when it failed after it had begun. */
    public static ImageProgress of(ApiError error) {
        return new ImageProgress(null, null, null, null, error.error(), error.code(), error.hint());
    }
}
