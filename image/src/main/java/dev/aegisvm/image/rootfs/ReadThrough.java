package dev.aegisvm.image.rootfs;

import module java.base;

/** A stream that shows a subclass all bytes that pass, those that are skipped too, and its end. */
abstract class ReadThrough extends InputStream {
    protected final InputStream in;

    protected ReadThrough(InputStream in) {
        this.in = in;
    }

    static InputStream counting(InputStream in, LongConsumer counter) {
        return new ReadThrough(in) {
            @Override
            protected void passed(byte[] buffer, int offset, int read) {
                counter.accept(read);
            }
        };
    }

    /** A stream that fails at its end if its digest is not the expected one, where that is known. */
    static InputStream verified(InputStream in, Optional<Digest> expected, String what) {
        if (expected.isEmpty()) {
            return in;
        }
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
                    Digest.finished(computation).require(expected.get(), what);
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

    @Override
    public int available() throws IOException {
        return in.available();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
