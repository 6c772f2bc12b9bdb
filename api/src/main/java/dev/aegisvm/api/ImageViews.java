package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** The images of the cache: how they are listed, fetched and removed. {@code openapi.yaml} describes the fields. */
public final class ImageViews {
    private ImageViews() {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ImageView(
            String digest, List<String> names, long sizeBytes, Instant createdAt, List<String> usedBy) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ImagesPruned(int pruned, List<String> digests, long freedBytes) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record PullImage(
            @Nullable String imageRef, @Nullable Boolean missing) {}

    @Json
    public record LoadImages(@Nullable String path) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record SaveImage(
            @Nullable String imageRef,
            @Nullable Boolean flatten,
            @Nullable String output) {}

    /**
     * A line of the answer to {@link Routes#PULL_IMAGE}, {@link Routes#LOAD_IMAGES} and {@link Routes#SAVE_IMAGE}. The
     * last one has the images, or the fields of an {@link ApiError}.
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
        public static ImageProgress of(String phase, long doneBytes, long totalBytes) {
            return new ImageProgress(phase, doneBytes, totalBytes, null, null, null, null);
        }

        public static ImageProgress of(List<ImageView> images) {
            return new ImageProgress(null, null, null, images, null, null, null);
        }

        /** The end, when it failed after it had begun. */
        public static ImageProgress of(ApiError error) {
            return new ImageProgress(null, null, null, null, error.error(), error.code(), error.hint());
        }
    }
}
