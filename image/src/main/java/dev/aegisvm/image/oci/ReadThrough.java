package dev.aegisvm.image.oci;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream whose bytes all pass through {@link #read(byte[], int, int)}, which subclasses override. */
public abstract class ReadThrough extends FilterInputStream {
    private static final int SKIP = 8192;

    protected ReadThrough(InputStream in) {
        super(in);
    }

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        return in.read(buffer, offset, count);
    }

    @Override
    public final long skip(long count) throws IOException {
        byte[] buffer = new byte[Math.clamp(count, 0, SKIP)];
        long left = Math.max(0, count);
        while (left > 0) {
            int read = read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                break;
            }
            left -= read;
        }
        return Math.max(0, count) - left;
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
