package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import io.avaje.jsonb.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A reference to a blob in an index or manifest.
 *
 * @param size bytes of the blob
 * @param platform in an index: what the manifest's image runs on
 */
@Json
public record Descriptor(
        @Nullable String mediaType,
        @Nullable String digest,
        long size,
        @Nullable Runs platform,
        @Nullable Map<String, String> annotations) {
    /** The annotation by which a layout names its images. */
    static final String NAME = "org.opencontainers.image.ref.name";

    /** The platform of an image. */
    @Json
    public record Runs(
            @Nullable String os,
            @Nullable String architecture,
            @Nullable String variant) {}

    /** The blob's name. */
    public Digest blob() throws ImageException {
        return Digest.parse(digest == null ? "" : digest);
    }

    /** The name that a layout gives it; empty when it gives none. */
    public String name() {
        return annotations == null ? "" : annotations.getOrDefault(NAME, "");
    }
}
