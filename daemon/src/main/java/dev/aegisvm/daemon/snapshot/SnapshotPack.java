package dev.aegisvm.daemon.snapshot;

import module java.base;
import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.snapshot.Head.Part;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.host.SparseFile.Extent;
import dev.aegisvm.image.rootfs.Digest;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarUtils;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;

/**
 * A snapshot in one file: a tar, compressed by zstd. First what it is of, then the data of each file without its holes, then the
 * digests of all these. It is read from the front, and each byte has to be as it is written here.
 */
final class SnapshotPack {
    private static final BodyType<Head> HEAD = BodyType.json(Head.class);
    private static final String FIRST = "snapshot.json";
    private static final String LAST = "sha256.txt";
    private static final int BLOCK = TarConstants.DEFAULT_RCDSIZE;
    private static final int LARGEST_HEAD = 32 << 20;
    private static final int BUFFER = 1 << 20;
    /** Memory of which little is used becomes 20 times smaller. */
    private static final int MOST_RATIO = 200;

    private static final long ALWAYS = 1L << 30;

    private final byte[] buffer = new byte[BUFFER];
    private final StringBuilder digests = new StringBuilder();

    /** Writes it to a stream, which is closed. */
    static void write(Head head, Path directory, OutputStream file) throws IOException {
        try (OutputStream out = new ZstdOutputStreamNoFinalizer(new BufferedOutputStream(file, BUFFER))) {
            SnapshotPack pack = new SnapshotPack();
            byte[] json = ApiJson.write(HEAD, head);
            pack.digests
                    .append(Digest.of(json).hex())
                    .append("  ")
                    .append(FIRST)
                    .append('\n');
            put(out, FIRST, json);
            for (Part part : head.parts()) {
                pack.write(part, directory.resolve(part.name()), out);
            }
            put(out, LAST, pack.digests.toString().getBytes(StandardCharsets.US_ASCII));
            out.write(new byte[2 * BLOCK]);
        }
    }

    private static void put(OutputStream out, String name, byte[] content) throws IOException {
        out.write(header(name, content.length));
        out.write(content);
        out.write(new byte[rest(content.length)]);
    }

    /** The same for everybody. */
    private static byte[] header(String name, long size) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL);
        entry.setSize(size);
        entry.setMode(0600);
        entry.setUserName("");
        entry.setGroupName("");
        entry.setLastModifiedTime(FileTime.fromMillis(0));
        byte[] block = new byte[BLOCK];
        entry.writeEntryHeader(block, ZipEncodingHelper.getZipEncoding("UTF-8"), true);
        return block;
    }

    private static int rest(long size) {
        return (int) ((BLOCK - size % BLOCK) % BLOCK);
    }

    private void write(Part part, Path file, OutputStream out) throws IOException {
        MessageDigest digest = Digest.sha256();
        out.write(header(part.name(), part.bytes()));
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            for (Extent extent : part.extents()) {
                in.seek(extent.offset());
                for (long left = extent.length(); left > 0; left -= BUFFER) {
                    int piece = (int) Math.min(left, BUFFER);
                    in.readFully(buffer, 0, piece);
                    digest.update(buffer, 0, piece);
                    out.write(buffer, 0, piece);
                }
            }
        }
        out.write(new byte[rest(part.bytes())]);
        note(part, digest);
    }

    private void note(Part part, MessageDigest digest) {
        digests.append(Digest.finished(digest).hex())
                .append("  ")
                .append(part.name())
                .append('\n');
    }

    /** A file that is read. */
    record Source(InputStream in, long fileBytes) implements AutoCloseable {
        static Source of(Path file) throws IOException {
            return new Source(
                    new ZstdInputStreamNoFinalizer(new BufferedInputStream(Files.newInputStream(file), BUFFER)),
                    Files.size(file));
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** Reads what it is of, to begin with. */
    Head head(Source source) throws IOException {
        byte[] first = source.in().readNBytes(BLOCK);
        long size = first.length < BLOCK ? -1 : TarUtils.parseOctalOrBinary(first, 124, 12);
        if (size < 0 || size > LARGEST_HEAD || !Arrays.equals(first, header(FIRST, size))) {
            throw new IOException("it is no snapshot that was exported");
        }
        byte[] json = source.in().readNBytes((int) size);
        expect(source, new byte[rest(size)]);
        digests.append(Digest.of(json).hex()).append("  ").append(FIRST).append('\n');
        Head head = ApiJson.request(HEAD, json);
        head.check();
        long bytes = head.bytes();
        if (bytes > ALWAYS && bytes / MOST_RATIO > source.fileBytes()) {
            throw new IOException("it becomes more than " + MOST_RATIO + " times larger");
        }
        return head;
    }

    /** Reads all files into an empty directory. */
    void files(Head head, Source source, Path directory) throws IOException {
        for (Part part : head.parts()) {
            expect(source, header(part.name(), part.bytes()));
            Path file = directory.resolve(part.name());
            SparseFile.create(file, part.size());
            read(part, file, source);
            expect(source, new byte[rest(part.bytes())]);
        }
        byte[] last = digests.toString().getBytes(StandardCharsets.US_ASCII);
        expect(source, header(LAST, last.length));
        expect(source, last);
        expect(source, new byte[rest(last.length) + 2 * BLOCK]);
        if (source.in().read() >= 0) {
            throw damaged();
        }
    }

    private void read(Part part, Path file, Source source) throws IOException {
        MessageDigest digest = Digest.sha256();
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            for (Extent extent : part.extents()) {
                out.seek(extent.offset());
                copy(source, extent.length(), digest, out);
            }
        }
        note(part, digest);
    }

    private void copy(Source source, long bytes, MessageDigest digest, RandomAccessFile out) throws IOException {
        for (long left = bytes; left > 0; left -= BUFFER) {
            int piece = (int) Math.min(left, BUFFER);
            if (source.in().readNBytes(buffer, 0, piece) < piece) {
                throw damaged();
            }
            digest.update(buffer, 0, piece);
            out.write(buffer, 0, piece);
        }
    }

    private static void expect(Source source, byte[] bytes) throws IOException {
        if (!Arrays.equals(source.in().readNBytes(bytes.length), bytes)) {
            throw damaged();
        }
    }

    private static IOException damaged() {
        return new IOException("it is damaged: what is in it is not what it says");
    }
}
