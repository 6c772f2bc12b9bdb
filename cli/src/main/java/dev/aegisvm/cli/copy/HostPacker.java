package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.host.HostModes;
import org.apache.commons.compress.archivers.tar.*;

/**
 * Packs a file or a tree of this host as a tar stream. The path itself is followed where it is a symlink; symlinks in the tree
 * are packed as such. Sockets, FIFOs and devices are left out, and so is what vanishes meanwhile.
 */
final class HostPacker {
    private static final int PIECE = 64 * 1024;
    /** What a file may contain that says it is empty, as those of /proc do. */
    private static final int UNTOLD = 1024 * 1024;

    private final TarArchiveOutputStream out;
    private final byte[] piece = new byte[PIECE];

    HostPacker(OutputStream stream) {
        out = new TarArchiveOutputStream(stream, StandardCharsets.UTF_8.name());
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        out.setAddPaxHeadersForNonAsciiNames(true);
    }

    /** Writes all of it, under this name. */
    void pack(Path source, String name) throws IOException {
        packAny(source, name, Files.readAttributes(source, PosixFileAttributes.class));
        out.finish();
        out.flush();
    }

    private void packAny(Path path, String name, PosixFileAttributes attributes) throws IOException {
        try {
            if (attributes.isDirectory()) {
                packDirectory(path, name, attributes);
            } else if (attributes.isSymbolicLink()) {
                TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, attributes);
                entry.setLinkName(Files.readSymbolicLink(path).toString());
                out.putArchiveEntry(entry);
                out.closeArchiveEntry();
            } else if (attributes.isRegularFile()) {
                packFile(path, name, attributes);
            }
        } catch (AccessDeniedException denied) {
            throw new IOException("cannot read " + Printable.of(path.toString()) + ": permission denied", denied);
        }
    }

    private void packDirectory(Path path, String name, PosixFileAttributes attributes) throws IOException {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(path)) {
            all.forEach(children::add);
        }
        Collections.sort(children);
        out.putArchiveEntry(entry(name + "/", TarConstants.LF_DIR, attributes));
        out.closeArchiveEntry();
        for (Path child : children) {
            packChild(child, name + "/" + child.getFileName());
        }
    }

    private void packChild(Path child, String name) throws IOException {
        PosixFileAttributes attributes;
        try {
            attributes = Files.readAttributes(child, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException vanished) {
            return;
        }
        packAny(child, name, attributes);
    }

    private void packFile(Path path, String name, PosixFileAttributes attributes) throws IOException {
        try (InputStream content = Files.newInputStream(path)) {
            long size = attributes.size();
            InputStream in = content;
            if (size == 0) {
                byte[] untold = content.readNBytes(UNTOLD);
                size = untold.length;
                in = new ByteArrayInputStream(untold);
            }
            TarArchiveEntry entry = entry(name, TarConstants.LF_NORMAL, attributes);
            entry.setSize(size);
            out.putArchiveEntry(entry);
            copy(in, size, path);
            out.closeArchiveEntry();
        }
    }

    /** As much as there was when it was looked at: it may have grown since. */
    private void copy(InputStream in, long size, Path path) throws IOException {
        long left = size;
        while (left > 0) {
            int count = in.read(piece, 0, (int) Math.min(piece.length, left));
            if (count < 0) {
                throw new IOException(
                        "cannot copy " + Printable.of(path.toString()) + ": it became shorter while it was read");
            }
            out.write(piece, 0, count);
            left -= count;
        }
    }

    private static TarArchiveEntry entry(String name, byte type, PosixFileAttributes attributes) {
        TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
        entry.setMode(HostModes.of(attributes.permissions()));
        entry.setLastModifiedTime(
                FileTime.from(attributes.lastModifiedTime().toInstant().truncatedTo(ChronoUnit.SECONDS)));
        return entry;
    }
}
