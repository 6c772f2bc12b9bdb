package dev.aegisvm.image.layout;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;

/** Files by their names, in a directory or in an archive. */
interface Blobs {
    /** Opens a file; the name is one that the image's documents use, so it is not to be trusted. */
    InputStream open(String name) throws ImageException, IOException;

    boolean has(String name) throws ImageException, IOException;

    long size(String name) throws ImageException, IOException;

    default byte[] read(String name, int limit) throws ImageException, IOException {
        try (InputStream in = open(name)) {
            byte[] bytes = in.readNBytes(limit + 1);
            if (bytes.length > limit) {
                throw ImageException.tooLarge(name + " in the image is larger than " + limit + " bytes");
            }
            return bytes;
        }
    }
}
