package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Platform;
import java.util.ArrayList;
import java.util.List;

/** Puts manifest and configuration of an image together, and sees that they fit each other and this machine. */
public final class Resolution {
    private static final int MOST_LAYERS = 500;

    private Resolution() {}

    /** The descriptor of an image's configuration. */
    public static Descriptor config(Manifest manifest) throws ImageException {
        if (manifest.config() == null) {
            throw ImageException.broken("an index leads to another index instead of an image");
        }
        return manifest.config();
    }

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
        if (blobs.size() > MOST_LAYERS) {
            throw ImageException.tooLarge("the image has more than " + MOST_LAYERS + " layers");
        }
        List<String> diffIds = config.diffIds();
        if (!diffIds.isEmpty() && diffIds.size() != blobs.size()) {
            throw ImageException.broken(
                    "the image's manifest has " + blobs.size() + " layers and its configuration " + diffIds.size());
        }
        List<ResolvedImage.Layer> layers = new ArrayList<>();
        for (int i = 0; i < blobs.size(); i++) {
            layers.add(new ResolvedImage.Layer(blobs.get(i), diffIds.isEmpty() ? "" : diffIds.get(i)));
        }
        return new ResolvedImage(digest, config, layers);
    }

    private static boolean differs(@org.jspecify.annotations.Nullable String stated, String ours) {
        return stated != null && !stated.isEmpty() && !stated.equals(ours);
    }
}
