package dev.aegisvm.image.rootfs;

import module java.base;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageLimits;

/** How a layer or an archive is compressed. The first bytes tell, since media types are not always right. */
public enum Compression {
    GZIP("1f8b"),
    ZSTD("28b52ffd"),
    NONE("");

    private static final int BUFFER = 128 * 1024;
    private static final int MAGIC = 4;

    private final String start;

    /** @param start the first bytes, in hex */
    Compression(String start) {
        this.start = start;
    }

    public static Compression of(Blob blob) throws IOException {
        try (InputStream in = blob.open()) {
            return of(in.readNBytes(MAGIC));
        }
    }

    private static Compression of(byte[] bytes) {
        String hex = HexFormat.of().formatHex(bytes);
        return Stream.of(values())
                .filter(each -> hex.startsWith(each.start))
                .findFirst()
                .orElse(NONE);
    }

    /**
     * The uncompressed bytes of a stream, which fails when they become more than the limits allow.
     *
     * @param compressed how many bytes the stream has
     * @param total counts the bytes of all that belongs together
     */
    public static InputStream undo(InputStream in, long compressed, ImageLimits limits, AtomicLong total)
            throws IOException {
        PushbackInputStream stream = new PushbackInputStream(in, MAGIC);
        byte[] start = stream.readNBytes(MAGIC);
        stream.unread(start);
        InputStream plain = switch (of(start)) {
            case NONE -> stream;
            case GZIP -> new GZIPInputStream(stream, BUFFER);
            case ZSTD -> new ZstdInputStreamNoFinalizer(stream);
        };
        return new Bounded(plain, Math.max(1, compressed), limits, total);
    }

    private static final class Bounded extends ReadThrough {
        private final ImageLimits limits;
        private final AtomicLong total;
        private final long compressed;
        private long count;

        Bounded(InputStream in, long compressed, ImageLimits limits, AtomicLong total) {
            super(in);
            this.limits = limits;
            this.total = total;
            this.compressed = compressed;
        }

        @Override
        protected void passed(byte[] buffer, int offset, int read) throws IOException {
            count += read;
            if (total.addAndGet(read) > limits.bytes()) {
                throw new IOException(ImageException.tooLarge(
                        "the image has more than " + (limits.bytes() >> 20) + " MB when it is decompressed"));
            }
            if (count > limits.ratioFree() && count / compressed > limits.ratio()) {
                throw new IOException(ImageException.tooLarge(
                        "a layer becomes more than " + limits.ratio() + " times larger when it is decompressed"));
            }
        }
    }
}
