package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;

/** A place with an image. */
public interface ImageSource {
    ResolvedImage resolve() throws IOException;

    /** Files and directories with all its layers; scratch is that of {@link #fetch}. */
    default Set<Path> places(Path scratch) {
        return Set.of(scratch);
    }

    /**
     * Brings a layer to this host, unless it is here.
     *
     * @param scratch a directory for what has to be fetched
     * @param progress gets the number of bytes that came; negative when some have to be fetched again
     */
    Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws IOException;
}
