package dev.aegisvm.image.oci;

import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a registry has under a tag or digest: an index of manifests, or the manifest of one image.
 *
 * @param manifests of an index
 * @param config of an image
 * @param layers of an image, the lowest first
 */
@Json
public record Manifest(
        int schemaVersion,
        @Nullable String mediaType,
        @Nullable List<Descriptor> manifests,
        @Nullable Descriptor config,
        @Nullable List<Descriptor> layers) {}
