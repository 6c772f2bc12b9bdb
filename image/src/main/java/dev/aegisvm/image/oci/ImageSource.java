package dev.aegisvm.image.oci;

import dev.aegisvm.image.ImageException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A place that has an image. */
public interface ImageSource {
    /** Finds out what the reference stands for. */
    ResolvedImage resolve() throws ImageException, IOException;

    /**
     * Opens a layer's bytes, as they lie there. The stream fails at its end if they are not those of the descriptor's
     * digest.
     *
     * @param scratch a directory for what has to be fetched first
     * @param progress is told how many bytes more there are, or fewer, if some have to be fetched again
     */
    InputStream open(Descriptor layer, Path scratch, LongConsumer progress) throws ImageException, IOException;
}
