package dev.aegisvm.daemon.guest;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;
import dev.aegisvm.daemon.guest.FileStat.FileKind;

/**
 * The entries of a directory of the guest, as they come: there may be any number, so the collector sets a
 * limit. A name that is no UTF-8 is shown with replacement characters, and cannot be used as a path.
 */
public final class FileListing implements AutoCloseable {
    private static final int MAX_NAME = 255;
    private static final int MAX_TARGET = 4096;

    private final DataInputStream data;

    FileListing(InputStream content) {
        this.data = new DataInputStream(content);
    }

    /** The next entry, in no order; empty after the last. */
    public Optional<FileEntry> next() throws IOException {
        int letter = data.read();
        if (letter < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(entry((char) letter));
        } catch (EOFException | IllegalArgumentException e) {
            close();
            throw FileFailure.nonsense("a directory entry: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        data.close();
    }

    private FileEntry entry(char letter) throws IOException {
        FileKind kind = FileKind.of(letter);
        int mode = data.readUnsignedShort();
        long uid = Integer.toUnsignedLong(data.readInt());
        long gid = Integer.toUnsignedLong(data.readInt());
        long size = data.readLong();
        Instant modified = Instant.EPOCH.plusNanos(data.readLong());
        int nameLength = data.readUnsignedShort();
        int targetLength = data.readUnsignedShort();
        if (nameLength > MAX_NAME || targetLength > MAX_TARGET) {
            throw new IllegalArgumentException("a name of " + nameLength + " bytes, a target of " + targetLength);
        }
        String name = text(nameLength);
        Optional<String> target = targetLength == 0 ? Optional.empty() : Optional.of(text(targetLength));
        return new FileEntry(name, new FileStat(kind, size, mode, uid, gid, modified, target));
    }

    private String text(int length) throws IOException {
        byte[] bytes = new byte[length];
        data.readFully(bytes);
        return new String(bytes, UTF_8);
    }

    /** An entry; its name is one component of a path, whatever the guest says, and a symlink stands for itself. */
    public record FileEntry(String name, FileStat stat) {
        public FileEntry {
            if (name.isEmpty()
                    || name.equals(".")
                    || name.equals("..")
                    || name.indexOf('/') >= 0
                    || name.indexOf(0) >= 0) {
                throw new IllegalArgumentException("its name is invalid");
            }
        }
    }
}
