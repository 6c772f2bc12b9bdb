package dev.aegisvm.image.rootfs;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** Fills the last block of a tar with zeros: umoci writes layers that end with the last byte of a file, and others take them. */
final class WholeBlocks extends FilterInputStream {
    private int inBlock;

    WholeBlocks(InputStream in) {
        super(in);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        if (read < 0 && inBlock > 0 && count > 0) {
            read = Math.min(count, PaxRecords.BLOCK - inBlock);
            Arrays.fill(buffer, offset, offset + read, (byte) 0);
        }
        inBlock = (inBlock + Math.max(0, read)) % PaxRecords.BLOCK;
        return read;
    }

    @Override
    public long skip(long count) throws IOException {
        byte[] buffer = new byte[(int) Math.min(Math.max(count, 0), 8192)];
        return Math.max(0, read(buffer, 0, buffer.length));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
