package dev.aegisvm.image.rootfs;

import dev.aegisvm.image.ImageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Remembers the bytes of an entry's headers while they are read, and bounds them: a tar may claim a name of gigabytes,
 * and the reader above would keep it all in memory.
 */
final class HeaderCapture extends FilterInputStream {
    private static final int LONGEST = 2 * 1024 * 1024;

    private byte[] bytes = new byte[2048];
    private int length;
    private boolean capturing;

    HeaderCapture(InputStream in) {
        super(in);
    }

    void begin() {
        length = 0;
        capturing = true;
    }

    /** What was read since the beginning, cut off at the front where it does not fill whole blocks. */
    byte[] end() {
        capturing = false;
        return Arrays.copyOfRange(bytes, length % PaxRecords.BLOCK, length);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        if (capturing && read > 0) {
            keep(buffer, offset, read);
        }
        return read;
    }

    /** Skipped bytes are read like others. */
    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(count, 0), 8192)];
        long left = count;
        while (left > 0) {
            int read = read(buffer, 0, (int) Math.min(left, buffer.length));
            if (read < 0) {
                break;
            }
            left -= read;
        }
        return count - left;
    }

    private void keep(byte[] buffer, int offset, int count) throws IOException {
        if (length + count > LONGEST) {
            throw new IOException(ImageException.broken("an entry's headers are longer than " + LONGEST + " bytes"));
        }
        if (length + count > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
        System.arraycopy(buffer, offset, bytes, length, count);
        length += count;
    }
}
