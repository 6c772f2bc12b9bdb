package dev.aegisvm.image.rootfs;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Limits;
import dev.aegisvm.image.oci.ReadThrough;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;

/** The streams between a layer's blob and the tar reader. They protect it from what a hostile layer contains. */
final class LayerStreams {
    private LayerStreams() {}

    /** Fails when a layer, or all layers together, become larger than the limits allow. */
    static final class Bounded extends ReadThrough {
        private final Limits limits;
        private final AtomicLong bytesOfImage;
        private final long compressed;
        private long count;

        Bounded(InputStream in, Limits limits, AtomicLong bytesOfImage, long compressed) {
            super(in);
            this.limits = limits;
            this.bytesOfImage = bytesOfImage;
            this.compressed = Math.max(1, compressed);
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            if (read > 0) {
                count(read);
            }
            return read;
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

    /** Fills up the last block of a tar with zeros. umoci writes layers that end with the last byte of a file. */
    static final class WholeBlocks extends ReadThrough {
        private int inBlock;

        WholeBlocks(InputStream in) {
            super(in);
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
    }

    /**
     * Keeps the bytes of an entry's headers while they are read, and bounds them: a tar can claim a name of gigabytes, which
     * the tar reader would keep in memory.
     */
    static final class HeaderCapture extends ReadThrough {
        private static final int MAX_BYTES = 2 * 1024 * 1024;

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

        /** What was read since the beginning, in whole blocks: an incomplete block at the front is left out. */
        byte[] end() {
            capturing = false;
            return Arrays.copyOfRange(bytes, length % PaxRecords.BLOCK, length);
        }

        @Override
        public int read(byte[] buffer, int offset, int count) throws IOException {
            int read = super.read(buffer, offset, count);
            if (capturing && read > 0) {
                keep(buffer, offset, read);
            }
            return read;
        }

        private void keep(byte[] buffer, int offset, int count) throws IOException {
            if (length + count > MAX_BYTES) {
                throw new IOException(
                        ImageException.broken("an entry's headers are longer than " + MAX_BYTES + " bytes"));
            }
            if (length + count > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
            }
            System.arraycopy(buffer, offset, bytes, length, count);
            length += count;
        }
    }
}
