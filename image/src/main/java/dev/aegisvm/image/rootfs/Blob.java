package dev.aegisvm.image.rootfs;

import module java.base;
import org.apache.commons.compress.utils.BoundedSeekableByteChannelInputStream;

/**
 * Bytes of an image on this host: a file, or a part of one.
 *
 * @param fetched whether it was brought here for this image
 */
public record Blob(Path file, long offset, long size, boolean fetched) {
    public static Blob of(Path file) throws IOException {
        return new Blob(file, 0, Files.size(file), false);
    }

    /** Whether a file of that size has it all. */
    public boolean isWithin(long fileSize) {
        return offset >= 0 && size >= 0 && offset <= fileSize && size <= fileSize - offset;
    }

    /** Opens it. Each stream has a position of its own. */
    public InputStream open() throws IOException {
        FileChannel channel = FileChannel.open(file);
        return new BoundedSeekableByteChannelInputStream(offset, size, channel) {
            @Override
            public void close() throws IOException {
                channel.close();
            }
        };
    }
}
