package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A place with an image. */
public interface ImageSource {
    /** Looks up which image it is. */
    ResolvedImage resolve() throws ImageException, IOException;

    /**
     * Opens a layer as it is stored. The stream fails at its end if the bytes do not match the descriptor's digest.
     *
     * @param scratch a directory for what has to be fetched first
     * @param progress gets the number of bytes that came; negative when some have to be fetched again
     */
    InputStream open(Descriptor layer, Path scratch, LongConsumer progress) throws ImageException, IOException;
}
