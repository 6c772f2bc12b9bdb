package dev.aegisvm.image.layout;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image in the table of contents that {@code docker save} writes.
 *
 * @param config the file with its configuration
 * @param tags its names
 * @param layers the files with its layers, the lowest first
 */
@Json
public record SavedImage(
        @Json.Property("Config") @Nullable String config,
        @Json.Property("RepoTags") @Nullable List<String> tags,
        @Json.Property("Layers") @Nullable List<String> layers) {}
