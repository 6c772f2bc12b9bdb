package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import io.avaje.jsonb.Json;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a tag or digest in a registry names: an index of manifests, or the manifest of one image.
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
        @Nullable List<Descriptor> layers) {
    /** The configuration of the image; an index has none. */
    public Descriptor configuration() throws ImageException {
        if (config == null) {
            throw ImageException.broken("an index leads to another index instead of an image");
        }
        return config;
    }
}
