package dev.aegisvm.host;

import module java.base;

/** A stream that shows a subclass all bytes that pass, those that are skipped too. */
public abstract class ReadThrough extends InputStream {
    protected final InputStream in;

    protected ReadThrough(InputStream in) {
        this.in = in;
    }

    public static InputStream counting(InputStream in, LongConsumer counter) {
        return new ReadThrough(in) {
            @Override
            protected void passed(byte[] buffer, int offset, int read) {
                counter.accept(read);
            }
        };
    }

    /** Is called with each piece; never empty. */
    protected abstract void passed(byte[] buffer, int offset, int read) throws IOException;

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
