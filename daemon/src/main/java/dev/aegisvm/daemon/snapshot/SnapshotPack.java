package dev.aegisvm.daemon.snapshot;

import module java.base;
import com.github.luben.zstd.*;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.snapshot.Head.Part;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.host.SparseFile.Extent;
import dev.aegisvm.image.rootfs.Digest;
import org.jspecify.annotations.Nullable;

/**
 * A snapshot in one file, compressed by zstd: a word, the length of its head and that as JSON, the data of each file
 * without its holes, and the SHA-256 of all this. It is read from the front.
 */
final class SnapshotPack implements AutoCloseable {
    private static final String WORD = "aegis snapshot";
    private static final int LARGEST_HEAD = 6 << 20;
    /** It counts for so many times its size: short texts take that while they are read, numbers ten times. */
    private static final int FACTOR = 16;
    /** Of what zstd needs outside the heap to read a file; the exponent for 8 MB, with which zstd -19 writes. */
    private static final int WINDOW = 23;

    private static final int BUFFER = 1 << 20;
    private final MessageDigest digest = Digest.sha256();
    private final ForeignBudget.Share memory;
    private final InputStream unpacked;
    private final DataInputStream in;
    private ForeignBudget.@Nullable Hold held;

    /** Opens one to read it; until it is closed, its head counts as held by this share. */
    SnapshotPack(Path file, ForeignBudget.Share memory) throws IOException {
        this.memory = memory;
        unpacked = new ZstdInputStreamNoFinalizer(Files.newInputStream(file)).setLongMax(WINDOW);
        in = new DataInputStream(new DigestInputStream(unpacked, digest));
    }

    /** Writes one to a stream, which is closed. */
    static void write(Head head, Path directory, OutputStream file) throws IOException {
        MessageDigest digest = Digest.sha256();
        try (OutputStream packed = new ZstdOutputStreamNoFinalizer(new BufferedOutputStream(file, BUFFER))) {
            DataOutputStream out = new DataOutputStream(new DigestOutputStream(packed, digest));
            byte[] json = head.json();
            if (json.length > LARGEST_HEAD) {
                throw new IOException("its disk has too many separate parts to be exported");
            }
            out.writeUTF(WORD);
            out.writeInt(json.length);
            out.write(json);
            for (Part part : head.parts()) {
                write(part, directory.resolve(part.name()), out);
            }
            packed.write(digest.digest());
        }
    }

    private static void write(Part part, Path file, DataOutput out) throws IOException {
        try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "r")) {
            for (Extent extent : part.extents()) {
                data.seek(extent.offset());
                copy(data, out, extent.length());
            }
        }
    }

    private static void copy(DataInput from, DataOutput to, long bytes) throws IOException {
        byte[] buffer = new byte[(int) Math.min(bytes, BUFFER)];
        for (long left = bytes; left > 0; left -= buffer.length) {
            int piece = (int) Math.min(left, buffer.length);
            from.readFully(buffer, 0, piece);
            to.write(buffer, 0, piece);
        }
    }

    /** What it is of, to begin with; waits that long until there is memory for it. */
    Head head(Duration patience) throws IOException {
        int size = in.readUTF().equals(WORD) ? in.readInt() : -1;
        if (size < 0 || size > LARGEST_HEAD) {
            throw new IOException("it is not an exported snapshot");
        }
        held = memory.hold(new Cost(BUFFER + (long) FACTOR * size, 0), patience)
                .orElseThrow(() -> ErrorCode.HOST_MEMORY_LOW.refusal(
                        "the daemon's memory for imports is in use", "try again when other imports have ended"));
        try {
            Head head = Head.parse(in.readNBytes(size));
            head.check();
            return head;
        } catch (ApiException refusal) {
            throw new IOException(refusal.getMessage(), refusal);
        }
    }

    /** All files, into an empty directory. */
    void files(Head head, Path directory) throws IOException {
        for (Part part : head.parts()) {
            Path file = directory.resolve(part.name());
            SparseFile.create(file, part.size());
            try (RandomAccessFile data = new RandomAccessFile(file.toFile(), "rw")) {
                for (Extent extent : part.extents()) {
                    data.seek(extent.offset());
                    copy(in, data, extent.length());
                }
            }
        }
        byte[] said = unpacked.readNBytes(digest.getDigestLength());
        if (!Arrays.equals(said, digest.digest()) || unpacked.read() >= 0) {
            throw new IOException("it is damaged: its contents do not match its checksum");
        }
    }

    @Override
    public void close() throws IOException {
        if (held != null) {
            held.close();
        }
        in.close();
    }
}
