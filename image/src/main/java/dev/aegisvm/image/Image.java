package dev.aegisvm.image;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * An image in the cache, ready to be booted.
 *
 * @param digest of its manifest, such as {@code sha256:…}; identifies the image
 * @param names full references that lead to it
 * @param root the root file system, an EROFS image
 * @param size bytes of it
 * @param created when it was added to the cache
 */
public record Image(String digest, List<String> names, Path root, long size, Instant created, ImageConfig config) {
    public Image {
        names = List.copyOf(names);
    }
}
