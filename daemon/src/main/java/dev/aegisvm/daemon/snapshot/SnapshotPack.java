package dev.aegisvm.daemon.snapshot;

import module java.base;
import com.github.luben.zstd.*;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.daemon.snapshot.Head.Part;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.host.SparseFile.Extent;
import dev.aegisvm.image.rootfs.Digest;

/**
 * A snapshot in one file, compressed by zstd: a word, the length of what it is of and that as JSON, the data of each file without its
 * holes, and the SHA-256 of all this. It is read from the front.
 */
final class SnapshotPack implements AutoCloseable {
    private static final String WORD = "aegis snapshot";
    /** Its texts become ten times as large in memory. */
    private static final int LARGEST_HEAD = 8 << 20;

    private static final int BUFFER = 1 << 20;
    private final MessageDigest digest = Digest.sha256();
    private final InputStream unpacked;
    private final DataInputStream in;

    /** Opens one to read it. */
    SnapshotPack(Path file) throws IOException {
        unpacked = new ZstdInputStreamNoFinalizer(new BufferedInputStream(Files.newInputStream(file), BUFFER));
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

    /** What it is of, to begin with. */
    Head head() throws IOException {
        int size = in.readUTF().equals(WORD) ? in.readInt() : -1;
        if (size < 0 || size > LARGEST_HEAD) {
            throw new IOException("it is not an exported snapshot");
        }
        Diffs.TURN.acquireUninterruptibly();
        try {
            Head head = Head.parse(in.readNBytes(size));
            head.check();
            return head;
        } catch (ApiException refusal) {
            throw new IOException(refusal.getMessage(), refusal);
        } finally {
            Diffs.TURN.release();
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
        in.close();
    }
}
