package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.source.Documents.*;
import org.jspecify.annotations.Nullable;

/**
 * The image that a reference names.
 *
 * @param digest of the manifest for our platform; identifies the image
 * @param layers the lowest first
 */
public record ResolvedImage(Digest digest, Image.Config config, List<LayerRef> layers) {
    static final String DOCUMENT = "a document of the image";

    private static final int MAX_LAYERS = 500;
    /** As much as they may have when they are decompressed. */
    private static final long MAX_COMPRESSED = ImageLimits.DEFAULT.bytes();

    public ResolvedImage {
        layers = List.copyOf(layers);
    }

    /** A layer, with the digest of its uncompressed bytes where that is known. */
    public record LayerRef(Descriptor blob, Optional<Digest> diffId) {}

    /** Reads a document of the image; the bytes are checked here. */
    interface Loader {
        byte[] load(String kind, Digest digest) throws IOException;
    }

    public long size() {
        return layers.stream().mapToLong(layer -> layer.blob().size()).sum();
    }

    /** Follows a manifest, or an index of manifests, to the image for this machine. */
    static ResolvedImage of(Digest digest, byte[] document, Loader loader) throws IOException {
        Manifest manifest = Documents.manifest(document);
        Digest ours = digest;
        if (manifest.manifests() != null) {
            ours = Documents.choose(manifest.manifests()).blob();
            manifest = Documents.manifest(load(loader, "manifests", ours));
        }
        if (manifest.config() == null || manifest.layers() == null) {
            throw ImageException.broken("the image's index points to another index; only one level is supported");
        }
        byte[] config = load(loader, "blobs", manifest.config().blob());
        return of(ours, manifest.layers(), config);
    }

    static byte[] load(Loader loader, String kind, Digest digest) throws IOException {
        byte[] bytes = loader.load(kind, digest);
        Digest.of(bytes).require(digest, DOCUMENT);
        return bytes;
    }

    /** Checks that layers and configuration fit each other and this machine. */
    static ResolvedImage of(Digest digest, List<Descriptor> blobs, byte[] configuration) throws ImageException {
        checkSizes(blobs);
        Platform platform = Platform.ofHost();
        ConfigFile config = Documents.config(configuration);
        if (differs(config.os(), platform.os()) || differs(config.architecture(), platform.architecture())) {
            throw new ImageException(
                    ImageException.Reason.WRONG_PLATFORM,
                    "the image is for " + config.os() + "/" + config.architecture() + ", this machine is " + platform,
                    "use an image for " + platform + ", or build and push this one for it");
        }
        List<String> diffIds = config.diffIds();
        if (!diffIds.isEmpty() && diffIds.size() != blobs.size()) {
            throw ImageException.broken("the image's manifest has " + blobs.size()
                    + " layers, but its configuration lists " + diffIds.size());
        }
        List<LayerRef> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            layers.add(new LayerRef(
                    blobs.get(i), diffIds.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(diffIds.get(i)))));
        }
        return new ResolvedImage(digest, config.imageConfig(), layers);
    }

    /** What a manifest says of sizes is checked against the layers later, but impossible ones are refused at once. */
    private static void checkSizes(List<Descriptor> blobs) throws ImageException {
        if (blobs.size() > MAX_LAYERS) {
            throw ImageException.tooLarge("the image has more than " + MAX_LAYERS + " layers");
        }
        long left = MAX_COMPRESSED;
        for (Descriptor blob : blobs) {
            if (blob.size() < 0) {
                throw ImageException.broken("the image has a layer with a negative size");
            }
            left = blob.size() > left ? -1 : left - blob.size();
            if (left < 0) {
                throw ImageException.tooLarge("the image's layers are larger than " + (MAX_COMPRESSED >> 30)
                        + " GB, according to its manifest");
            }
        }
    }

    private static boolean differs(@Nullable String stated, @Nullable String ours) {
        return stated != null && !stated.isEmpty() && !stated.equals(ours);
    }
}
