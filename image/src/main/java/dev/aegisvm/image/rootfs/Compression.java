package dev.aegisvm.image.rootfs;

import module java.base;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.aegisvm.host.ReadThrough;

/** How a layer or an archive is compressed. The first bytes tell, since media types are not always right. */
enum Compression {
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

    static Compression of(Blob blob) throws IOException {
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

    /** The uncompressed bytes of a stream, which fails when they become more than the budget allows. */
    static InputStream undo(InputStream in, Budget budget) throws IOException {
        AtomicLong read = new AtomicLong();
        PushbackInputStream stream = new PushbackInputStream(ReadThrough.counting(in, read::addAndGet), MAGIC);
        byte[] start = stream.readNBytes(MAGIC);
        stream.unread(start);
        InputStream plain = switch (of(start)) {
            case NONE -> stream;
            case GZIP -> new GZIPInputStream(stream, BUFFER);
            case ZSTD -> new ZstdInputStreamNoFinalizer(stream);
        };
        return new ReadThrough(plain) {
            private long made;

            @Override
            protected void passed(byte[] buffer, int offset, int count) throws IOException {
                made += count;
                budget.decompressed(count, read.get(), made);
            }
        };
    }
}
