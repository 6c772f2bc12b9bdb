package dev.aegisvm.image.oci;

import java.util.List;

/**
 * What a reference stands for.
 *
 * @param digest of the manifest for our platform, the image's name for ever
 * @param layers the lowest first
 */
public record ResolvedImage(Digest digest, ConfigFile config, List<Layer> layers) {
    public ResolvedImage {
        layers = List.copyOf(layers);
    }

    /**
     * A layer.
     *
     * @param blob where its bytes are
     * @param diffId the digest of its uncompressed bytes; empty when the image does not say
     */
    public record Layer(Descriptor blob, String diffId) {}

    /** Bytes of all layers, compressed. */
    public long size() {
        return layers.stream()
                .mapToLong(layer -> Math.max(0, layer.blob().size()))
                .sum();
    }
}
