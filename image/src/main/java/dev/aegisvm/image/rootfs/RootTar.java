package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.rootfs.Inode.Node;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Writes a merged tree as one tar stream: directories before their content, hard links after the first name of their file.
 * Names are relative, without {@code .} and {@code ..}.
 */
final class RootTar implements AutoCloseable {
    private static final int BUFFER = 1024 * 1024;

    private final TarArchiveOutputStream out;
    private final IdentityHashMap<Inode, String> written = new IdentityHashMap<>();
    private final Map<Path, FileChannel> sources = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    RootTar(OutputStream stream) {
        out = new TarArchiveOutputStream(stream, StandardCharsets.ISO_8859_1.name());
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    }

    void write(Node root) throws IOException {
        write("./", root);
        out.finish();
    }

    private void write(String name, Node node) throws IOException {
        put(name, node.inode());
        if (node.isDirectory()) {
            String prefix = name.equals("./") ? "" : name;
            for (Map.Entry<String, Node> child : new TreeMap<>(node.children()).entrySet()) {
                boolean directory = child.getValue().isDirectory();
                write(prefix + child.getKey() + (directory ? "/" : ""), child.getValue());
            }
        }
    }

    private void put(String name, Inode inode) throws IOException {
        String first = inode.isDirectory() ? null : written.putIfAbsent(inode, name);
        TarArchiveEntry entry;
        if (first == null) {
            entry = entry(name, inode.content());
            putXattrs(inode.attributes());
        } else {
            entry = new TarArchiveEntry(name, TarConstants.LF_LINK);
            entry.setLinkName(first);
        }
        describe(entry, inode.attributes());
        out.putArchiveEntry(entry);
        if (first == null && inode.content() instanceof Inode.Content.File file) {
            copy(file);
        }
        out.closeArchiveEntry();
    }

    private static TarArchiveEntry entry(String name, Inode.Content content) {
        return switch (content) {
            case Inode.Content.Directory _ -> new TarArchiveEntry(name, TarConstants.LF_DIR);
            case Inode.Content.Fifo _ -> new TarArchiveEntry(name, TarConstants.LF_FIFO);
            case Inode.Content.File file -> {
                TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL);
                entry.setSize(file.size());
                yield entry;
            }
            case Inode.Content.Symlink(String target) -> {
                TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
                entry.setLinkName(target);
                yield entry;
            }
            case Inode.Content.Device(boolean block, int major, int minor) -> {
                TarArchiveEntry entry = new TarArchiveEntry(name, block ? TarConstants.LF_BLK : TarConstants.LF_CHR);
                entry.setDevMajor(major);
                entry.setDevMinor(minor);
                yield entry;
            }
        };
    }

    private static void describe(TarArchiveEntry entry, Inode.Attributes attributes) {
        entry.setMode(attributes.mode());
        entry.setUserId(attributes.uid());
        entry.setGroupId(attributes.gid());
        entry.setUserName("");
        entry.setGroupName("");
        entry.setLastModifiedTime(FileTime.from(attributes.mtime(), TimeUnit.SECONDS));
    }

    /** Writes a header of our own before the entry: the library would write the values as text, mkfs.erofs reads bytes. */
    private void putXattrs(Inode.Attributes attributes) throws IOException {
        if (attributes.xattrs().isEmpty()) {
            return;
        }
        byte[] records = PaxRecords.ofXattrs(attributes.xattrs());
        TarArchiveEntry header = new TarArchiveEntry("./xattrs", TarConstants.LF_PAX_EXTENDED_HEADER_LC);
        header.setSize(records.length);
        out.putArchiveEntry(header);
        out.write(records);
        out.closeArchiveEntry();
    }

    private void copy(Inode.Content.File file) throws IOException {
        FileChannel source = sources.get(file.bytes());
        if (source == null) {
            source = FileChannel.open(file.bytes());
            sources.put(file.bytes(), source);
        }
        long at = file.offset();
        long end = at + file.size();
        while (at < end) {
            buffer.clear().limit((int) Math.min(BUFFER, end - at));
            int read = source.read(buffer, at);
            if (read < 0) {
                throw new IOException(file.bytes() + " was cut short");
            }
            out.write(buffer.array(), 0, read);
            at += read;
        }
    }

    @Override
    public void close() throws IOException {
        for (FileChannel source : List.copyOf(sources.values())) {
            source.close();
        }
    }
}
