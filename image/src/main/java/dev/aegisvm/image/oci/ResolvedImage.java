package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Platform;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The image that a reference names.
 *
 * @param digest of the manifest for our platform; identifies the image
 * @param layers the lowest first
 */
public record ResolvedImage(Digest digest, ConfigFile config, List<Layer> layers) {
    private static final int MAX_LAYERS = 500;

    public ResolvedImage {
        layers = List.copyOf(layers);
    }

    /**
     * A layer.
     *
     * @param blob where its bytes are
     * @param diffId the digest of its uncompressed bytes; empty when unknown
     */
    public record Layer(Descriptor blob, String diffId) {}

    /** Bytes of all layers, compressed. */
    public long size() {
        return layers.stream()
                .mapToLong(layer -> Math.max(0, layer.blob().size()))
                .sum();
    }

    /** Checks that manifest and configuration fit each other and this machine. */
    public static ResolvedImage of(Digest digest, Manifest manifest, byte[] configuration, Platform platform)
            throws ImageException {
        List<Descriptor> blobs = manifest.layers() == null ? List.of() : manifest.layers();
        return of(digest, blobs, configuration, platform);
    }

    public static ResolvedImage of(Digest digest, List<Descriptor> blobs, byte[] configuration, Platform platform)
            throws ImageException {
        ConfigFile config = Documents.config(configuration);
        boolean foreign =
                differs(config.os(), platform.os()) || differs(config.architecture(), platform.architecture());
        if (foreign) {
            throw new ImageException(
                    ImageException.Reason.WRONG_PLATFORM,
                    "the image is for " + config.os() + "/" + config.architecture() + ", this machine is " + platform,
                    "build or push it for " + platform);
        }
        if (blobs.size() > MAX_LAYERS) {
            throw ImageException.tooLarge("the image has more than " + MAX_LAYERS + " layers");
        }
        List<String> diffIds = config.diffIds();
        if (!diffIds.isEmpty() && diffIds.size() != blobs.size()) {
            throw ImageException.broken(
                    "the image's manifest has " + blobs.size() + " layers and its configuration " + diffIds.size());
        }
        List<Layer> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            layers.add(new Layer(blobs.get(i), diffIds.isEmpty() ? "" : diffIds.get(i)));
        }
        return new ResolvedImage(digest, config, layers);
    }

    private static boolean differs(@Nullable String stated, String ours) {
        return stated != null && !stated.isEmpty() && !stated.equals(ours);
    }
}
