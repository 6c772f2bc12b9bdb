package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;

/**
 * A tar's bytes on their way to its reader. The headers of an entry are kept, and have a limit: a tar can claim a name
 * of gigabytes, which the tar reader would keep in memory. The last block is filled up with zeros: umoci writes layers
 * that end with the last byte of a file.
 */
final class LayerBytes extends ReadThrough {
    private static final int MAX_HEADERS = 2 * 1024 * 1024;

    private final ByteArrayOutputStream headers = new ByteArrayOutputStream(2048);
    private boolean inHeaders;
    private long position;

    LayerBytes(InputStream in) {
        super(in);
    }

    void headersBegin() {
        headers.reset();
        inHeaders = true;
    }

    /** What was read since their beginning, in whole blocks: an incomplete block at the front is left out. */
    byte[] headersEnd() {
        inHeaders = false;
        byte[] all = headers.toByteArray();
        return Arrays.copyOfRange(all, all.length % PaxRecords.BLOCK, all.length);
    }

    /** How many bytes were read, those that fill the last block included. */
    long position() {
        return position;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        int inBlock = (int) (position % PaxRecords.BLOCK);
        if (read < 0 && inBlock > 0 && count > 0) {
            read = Math.min(count, PaxRecords.BLOCK - inBlock);
            Arrays.fill(buffer, offset, offset + read, (byte) 0);
        }
        position += Math.max(0, read);
        return read;
    }

    @Override
    protected void passed(byte[] buffer, int offset, int count) throws IOException {
        if (!inHeaders) {
            return;
        }
        if (headers.size() + count > MAX_HEADERS) {
            throw new IOException(
                    ImageException.broken("an entry's headers are longer than " + MAX_HEADERS + " bytes"));
        }
        headers.write(buffer, offset, count);
    }
}
