package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;
import org.apache.commons.compress.archivers.tar.*;
import org.jspecify.annotations.Nullable;

/**
 * Reads one layer, an uncompressed tar stream, into entries. The contents of its files go into one file, where they can
 * be read in any order.
 */
final class LayerReader implements AutoCloseable {
    private static final int BUFFER = 256 * 1024;
    private static final int MAX_BYTE = 0xff;
    private static final String WHITEOUT = ".wh.";
    private static final String AUFS = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    /** These would change the guest's own overlay. */
    private static final List<String> FOREIGN_XATTRS = List.of("trusted.overlay.", "user.overlay.");

    /** The types of regular files: current and old ones, contiguous and sparse ones. */
    private static final String PLAIN = "0\0007S";

    private static final int MODE_BITS = 07777;
    private static final long MAX_ID = 0xffff_fffeL;

    private final LayerBytes bytes;
    private final TarArchiveInputStream tar;
    private final Path contents;
    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private final Budget budget;
    private long length;

    /**
     * @param layer the caller closes it
     * @param contents the file for the contents
     */
    LayerReader(InputStream layer, Path contents, Budget budget) throws IOException {
        this.bytes = new LayerBytes(layer);
        this.tar = new TarArchiveInputStream(bytes, StandardCharsets.ISO_8859_1.name());
        this.contents = contents;
        this.out = new BufferedOutputStream(Files.newOutputStream(contents), BUFFER);
        this.budget = budget;
    }

    List<LayerEntry> read() throws IOException {
        List<LayerEntry> entries = new ArrayList<>();
        for (TarArchiveEntry header = next(); header != null; header = next()) {
            Map<String, byte[]> pax = bytes.records();
            budget.file();
            entry(header, pax).ifPresent(entries::add);
            // An entry of any type can claim to be sparse and huge: what was not read of it is skipped.
            while (tar.skip(Long.MAX_VALUE) > 0) {
                // Goes on until nothing is left.
            }
        }
        return entries;
    }

    private @Nullable TarArchiveEntry next() throws IOException {
        bytes.headersBegin();
        try {
            return tar.getNextEntry();
        } catch (IllegalArgumentException malformed) {
            throw ImageException.broken("a layer is not a valid tar: " + malformed.getMessage());
        } finally {
            bytes.headersEnd();
        }
    }

    private Optional<LayerEntry> entry(TarArchiveEntry header, Map<String, byte[]> pax) throws IOException {
        EntryName name = EntryName.of(text(pax, "path", header.getName()));
        budget.text(name.path().length());
        Optional<LayerEntry> mark = whiteout(name);
        if (mark.isPresent() || name.toString().contains("/" + AUFS)) {
            return mark;
        }
        if (header.isLink()) {
            EntryName target = EntryName.of(text(pax, "linkpath", header.getLinkName()));
            budget.text(target.path().length());
            return Optional.of(new LayerEntry.HardLink(name, target));
        }
        return Optional.of(new LayerEntry.Put(name, inode(header, pax, name)));
    }

    private static Optional<LayerEntry> whiteout(EntryName name) throws ImageException {
        if (name.isRoot() || !name.last().startsWith(WHITEOUT)) {
            return Optional.empty();
        }
        if (name.last().equals(OPAQUE)) {
            return Optional.of(new LayerEntry.Opaque(name.parent()));
        }
        if (name.last().startsWith(AUFS)) {
            return Optional.empty();
        }
        String hidden = name.last().substring(WHITEOUT.length());
        if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
            throw ImageException.broken("the whiteout " + name + " in a layer hides an invalid name");
        }
        return Optional.of(new LayerEntry.Whiteout(name.sibling(hidden)));
    }

    private Inode.Content content(TarArchiveEntry header, Map<String, byte[]> pax, EntryName name) throws IOException {
        if (header.isDirectory()) {
            return new Inode.Content.Directory();
        }
        if (header.isSymbolicLink()) {
            String target = text(pax, "linkpath", header.getLinkName());
            if (target.isEmpty() || target.indexOf('\0') >= 0 || target.length() >= 4096) {
                throw ImageException.broken("the symbolic link " + name + " in a layer has an invalid target");
            }
            budget.text(target.length());
            return new Inode.Content.Symlink(target);
        }
        if (header.isCharacterDevice() || header.isBlockDevice()) {
            return new Inode.Content.Device(header.isBlockDevice(), header.getDevMajor(), header.getDevMinor());
        }
        if (header.isFIFO()) {
            return new Inode.Content.Fifo();
        }
        if (PLAIN.indexOf(header.getLinkFlag()) < 0 || !tar.canReadEntryData(header)) {
            throw ImageException.broken(
                    name + " in a layer has the unknown type '" + (char) header.getLinkFlag() + "'");
        }
        return contents();
    }

    /** Adds the content of the current file to the others. */
    private Inode.Content.File contents() throws IOException {
        long start = length;
        int read;
        while ((read = tar.read(buffer)) > 0) {
            length += read;
            budget.contents(length, bytes.position());
            out.write(buffer, 0, read);
        }
        return new Inode.Content.File(contents, start, length - start);
    }

    private Inode inode(TarArchiveEntry header, Map<String, byte[]> pax, EntryName name) throws IOException {
        Inode.Content content = content(header, pax, name);
        long uid = header.getLongUserId();
        long gid = header.getLongGroupId();
        if (uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw ImageException.broken(name + " in a layer has an invalid owner, " + uid + ":" + gid);
        }
        long mtime = Math.max(0, header.getLastModifiedTime().toMillis() / 1000);
        return new Inode(content, header.getMode() & MODE_BITS, uid, gid, mtime, xattrs(pax));
    }

    private Map<String, byte[]> xattrs(Map<String, byte[]> pax) throws ImageException {
        Map<String, byte[]> xattrs = new HashMap<>();
        for (Map.Entry<String, byte[]> record : pax.entrySet()) {
            String key = record.getKey();
            String name = key.startsWith(LayerBytes.XATTR) ? key.substring(LayerBytes.XATTR.length()) : "";
            if (!name.isEmpty() && FOREIGN_XATTRS.stream().noneMatch(name::startsWith)) {
                budget.text(name.length() + record.getValue().length + Budget.OVERHEAD);
                xattrs.put(name, record.getValue());
            }
        }
        return xattrs.isEmpty() ? Map.of() : xattrs;
    }

    /** Where the tar library has read a record that we have not, since it is malformed, it has text and not bytes. */
    private static String text(Map<String, byte[]> pax, String key, String otherwise) throws ImageException {
        byte[] bytes = pax.get(key);
        if (bytes == null && otherwise.chars().anyMatch(each -> each > MAX_BYTE)) {
            throw ImageException.broken("a layer has an extended header that is malformed");
        }
        return bytes == null ? otherwise : new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    /** One change that a layer makes to the tree below it. */
    sealed interface LayerEntry {
        record Put(EntryName name, Inode inode) implements LayerEntry {}

        record HardLink(EntryName name, EntryName target) implements LayerEntry {}

        /** Removes what the layers below have here. */
        record Whiteout(EntryName name) implements LayerEntry {}

        /** Empties a directory of the layers below. */
        record Opaque(EntryName directory) implements LayerEntry {}
    }
}
