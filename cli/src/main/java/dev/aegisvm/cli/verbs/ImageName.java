package dev.aegisvm.cli.verbs;

import java.nio.file.Path;

/** What the user calls an image. */
final class ImageName {
    private static final String LAYOUT_PREFIX = "oci:";

    private ImageName() {}

    /** The name as the daemon understands it, which works in another directory than we do. */
    static String absolute(String image) {
        return image.startsWith(LAYOUT_PREFIX) && image.length() > LAYOUT_PREFIX.length()
                ? LAYOUT_PREFIX
                        + Path.of(image.substring(LAYOUT_PREFIX.length()))
                                .toAbsolutePath()
                                .normalize()
                : image;
    }
}
