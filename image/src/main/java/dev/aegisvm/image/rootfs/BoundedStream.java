package dev.aegisvm.image.rootfs;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Limits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicLong;

/** Ends the reading of a layer that becomes larger than a layer may. */
final class BoundedStream extends FilterInputStream {
    private final Limits limits;
    private final AtomicLong bytesOfImage;
    private final long compressed;
    private long count;

    BoundedStream(InputStream in, Limits limits, AtomicLong bytesOfImage, long compressed) {
        super(in);
        this.limits = limits;
        this.bytesOfImage = bytesOfImage;
        this.compressed = Math.max(1, compressed);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        int read = super.read(buffer, offset, length);
        if (read > 0) {
            count(read);
        }
        return read;
    }

    @Override
    public long skip(long length) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(length, 0), 8192)];
        return Math.max(0, read(buffer, 0, buffer.length));
    }

    private void count(int read) throws IOException {
        count += read;
        if (bytesOfImage.addAndGet(read) > limits.bytes()) {
            throw new IOException(ImageException.tooLarge(
                    "the image has more than " + (limits.bytes() >> 20) + " MB when it is decompressed"));
        }
        if (count > limits.ratioFree() && count / compressed > limits.ratio()) {
            throw new IOException(ImageException.tooLarge(
                    "a layer becomes more than " + limits.ratio() + " times larger when it is decompressed"));
        }
    }
}
