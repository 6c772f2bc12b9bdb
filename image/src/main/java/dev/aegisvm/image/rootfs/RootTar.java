package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;
import org.apache.commons.compress.archivers.tar.*;

/**
 * Writes a merged tree as one tar stream: directories before their content, hard links after the first name of their
 * file. Names are relative, without {@code .} and {@code ..}.
 */
final class RootTar implements AutoCloseable {
    private static final int BUFFER = 1024 * 1024;

    private final TarArchiveOutputStream out;
    private final Set<Inode> shared;
    /** The first name of each file that has several. */
    private final IdentityHashMap<Inode, String> written = new IdentityHashMap<>();

    private final Map<Path, FileChannel> sources = new HashMap<>();
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);

    /** @param shared the files that may have several names */
    RootTar(OutputStream stream, Set<Inode> shared) {
        this.shared = shared;
        out = new TarArchiveOutputStream(stream, StandardCharsets.ISO_8859_1.name());
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_GNU);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_STAR);
    }

    /** A directory of which not all was written yet. */
    private record Level(String prefix, Iterator<Map.Entry<String, Inode>> left) {
        static Level of(String prefix, Inode directory) {
            return new Level(
                    prefix, new TreeMap<>(directory.children()).entrySet().iterator());
        }
    }

    /** However deep it is: the levels are kept here, not on the stack. */
    void write(Inode root) throws IOException {
        put("./", root);
        Deque<Level> open = new ArrayDeque<>();
        open.push(Level.of("", root));
        while (!open.isEmpty()) {
            Level level = open.element();
            if (level.left().hasNext()) {
                Map.Entry<String, Inode> child = level.left().next();
                write(level.prefix() + child.getKey(), child.getValue(), open);
            } else {
                open.pop();
            }
        }
        out.finish();
    }

    private void write(String name, Inode inode, Deque<Level> open) throws IOException {
        if (name.length() > EntryName.MAX_PATH) {
            throw ImageException.broken("links in the layers point to a path longer than " + EntryName.MAX_PATH
                    + " bytes: /" + name.substring(0, 60) + "…");
        }
        if (inode.isDirectory()) {
            put(name + "/", inode);
            open.push(Level.of(name + "/", inode));
        } else {
            put(name, inode);
        }
    }

    private void put(String name, Inode inode) throws IOException {
        String first = shared.contains(inode) ? written.putIfAbsent(inode, name) : null;
        TarArchiveEntry entry;
        if (first == null) {
            if (!inode.xattrs().isEmpty()) {
                // A header of our own: the library would write the values as text, mkfs.erofs reads bytes.
                putBefore("./xattrs", TarConstants.LF_PAX_EXTENDED_HEADER_LC, LayerBytes.ofXattrs(inode.xattrs()));
            }
            entry = entry(fitting(name, TarConstants.LF_GNUTYPE_LONGNAME), inode.content());
        } else {
            entry = new TarArchiveEntry(fitting(name, TarConstants.LF_GNUTYPE_LONGNAME), TarConstants.LF_LINK);
            entry.setLinkName(fitting(first, TarConstants.LF_GNUTYPE_LONGLINK));
        }
        describe(entry, inode);
        out.putArchiveEntry(entry);
        if (first == null && inode.content() instanceof Inode.Content.File file) {
            copy(file);
        }
        out.closeArchiveEntry();
    }

    /** The part of a name that fits an entry; a longer one precedes it whole. (The library shortens it slowly.) */
    private String fitting(String name, byte type) throws IOException {
        if (name.length() < TarConstants.NAMELEN) {
            return name;
        }
        putBefore("././@LongLink", type, (name + "\0").getBytes(StandardCharsets.ISO_8859_1));
        // The library takes what ends with a slash for a directory, so the last letter stays the last.
        return name.substring(0, TarConstants.NAMELEN - 2) + name.charAt(name.length() - 1);
    }

    private TarArchiveEntry entry(String name, Inode.Content content) throws IOException {
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
                entry.setLinkName(fitting(target, TarConstants.LF_GNUTYPE_LONGLINK));
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

    private static void describe(TarArchiveEntry entry, Inode inode) {
        entry.setMode(inode.mode());
        entry.setUserId(inode.uid());
        entry.setGroupId(inode.gid());
        entry.setUserName("");
        entry.setGroupName("");
        entry.setLastModifiedTime(FileTime.from(inode.mtime(), TimeUnit.SECONDS));
    }

    /** Puts what belongs to the next entry. */
    private void putBefore(String name, byte type, byte[] content) throws IOException {
        TarArchiveEntry header = new TarArchiveEntry(name, type);
        header.setSize(content.length);
        out.putArchiveEntry(header);
        out.write(content);
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
