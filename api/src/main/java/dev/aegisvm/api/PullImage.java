package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@link Routes#PULL_IMAGE}.
 *
 * @param imageRef the image, as in {@link CreateInstance}
 * @param missing only if no image of that name is here; absent or false: the registry is asked what the name stands for now
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record PullImage(@Nullable String imageRef, @Nullable Boolean missing) {}
