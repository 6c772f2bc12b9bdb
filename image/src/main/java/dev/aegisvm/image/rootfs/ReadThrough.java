package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;

/** A stream that shows a subclass all bytes that pass, and its end. */
public abstract class ReadThrough extends FilterInputStream {
    private static final int SKIP = 8192;

    protected ReadThrough(InputStream in) {
        super(in);
    }

    static InputStream counting(InputStream in, LongConsumer counter) {
        return new ReadThrough(in) {
            @Override
            protected void passed(byte[] buffer, int offset, int read) {
                counter.accept(read);
            }
        };
    }

    /**
     * A stream that fails at its end if its digest is not the expected one.
     *
     * @param what names the stream in an error, such as "a layer"
     */
    static InputStream verified(InputStream in, Digest expected, String what) {
        MessageDigest computation = Digest.sha256();
        return new ReadThrough(in) {
            private boolean checked;

            @Override
            protected void passed(byte[] buffer, int offset, int read) {
                computation.update(buffer, offset, read);
            }

            @Override
            protected void ended() throws IOException {
                if (!checked) {
                    checked = true;
                    try {
                        Digest.finished(computation).require(expected, what);
                    } catch (ImageException broken) {
                        throw new IOException(broken);
                    }
                }
            }
        };
    }

    /** Is called with each piece; never empty. */
    protected abstract void passed(byte[] buffer, int offset, int read) throws IOException;

    /** Is called at the end, each time it is met. */
    protected void ended() throws IOException {}

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = in.read(buffer, offset, count);
        if (read > 0) {
            passed(buffer, offset, read);
        } else if (read < 0) {
            ended();
        }
        return read;
    }

    /** Skipped bytes are read too. */
    @Override
    public final long skip(long count) throws IOException {
        byte[] buffer = new byte[Math.clamp(count, 0, SKIP)];
        long skipped = 0;
        int read = 0;
        while (read >= 0 && skipped < count) {
            read = read(buffer, 0, (int) Math.min(count - skipped, buffer.length));
            skipped += Math.max(0, read);
        }
        return skipped;
    }

    @Override
    public final boolean markSupported() {
        return false;
    }
}
