package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.host.HostModes;
import org.apache.commons.compress.archivers.tar.*;

/**
 * Packs a file or a tree of this host as a tar stream. The path itself is followed where it is a symlink, unless that
 * is not wanted; symlinks in the tree are packed as such, also those that appear meanwhile, as from a guest that has
 * the tree as its workspace: each directory is held open while what is in it is read. Sockets, FIFOs and
 * devices are left out, and so is what vanishes.
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

    /** What has a name in an open directory, a symlink too; its path is for messages. */
    private record Found(SecureDirectoryStream<Path> above, Path file, Path path) {
        PosixFileAttributes attributes() throws IOException {
            return above.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                    .readAttributes();
        }

        SecureDirectoryStream<Path> open() throws IOException {
            return above.newDirectoryStream(file, LinkOption.NOFOLLOW_LINKS);
        }

        InputStream content() throws IOException {
            return Channels.newInputStream(
                    above.newByteChannel(file, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)));
        }
    }

    /** Writes all of it under a name; a source that is a symlink may itself be followed. */
    void pack(Path source, boolean followed, String name) throws IOException {
        Path above = source.toAbsolutePath().getParent();
        Path file = source.getFileName();
        LinkOption[] how = followed ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        try {
            PosixFileAttributes attributes = Files.readAttributes(source, PosixFileAttributes.class, how);
            if (attributes.isOther()) {
                throw new IOException(
                        "cannot copy " + Printable.of(source.toString()) + ": it is neither a file nor a directory");
            }
            if (!followed && above != null && file != null) {
                packIn(above, file, source, name);
            } else if (attributes.isDirectory()) {
                packIn(source, Path.of("."), source, name);
            } else {
                packFile(Files.newInputStream(source), source, name, attributes);
            }
        } catch (AccessDeniedException denied) {
            throw unreadable(source, denied);
        }
        out.finish();
        out.flush();
    }

    private void packIn(Path directory, Path file, Path path, String name) throws IOException {
        try (DirectoryStream<Path> held = Files.newDirectoryStream(directory)) {
            // On Linux all of them are.
            packAny(new Found((SecureDirectoryStream<Path>) held, file, path), name);
        }
    }

    private static IOException unreadable(Path path, AccessDeniedException denied) {
        return new IOException("cannot read " + Printable.of(path.toString()) + ": permission denied", denied);
    }

    private void packAny(Found found, String name) throws IOException {
        PosixFileAttributes attributes = found.attributes();
        try {
            if (attributes.isDirectory()) {
                packDirectory(found, name, attributes);
            } else if (attributes.isSymbolicLink()) {
                TarArchiveEntry entry = entry(name, TarConstants.LF_SYMLINK, attributes);
                entry.setLinkName(Files.readSymbolicLink(found.path()).toString());
                out.putArchiveEntry(entry);
                out.closeArchiveEntry();
            } else if (attributes.isRegularFile()) {
                packFile(found.content(), found.path(), name, attributes);
            }
        } catch (AccessDeniedException denied) {
            throw unreadable(found.path(), denied);
        }
    }

    private void packDirectory(Found found, String name, PosixFileAttributes attributes) throws IOException {
        try (SecureDirectoryStream<Path> directory = found.open()) {
            List<Path> children = new ArrayList<>();
            directory.forEach(child -> children.add(Objects.requireNonNull(child.getFileName())));
            Collections.sort(children);
            out.putArchiveEntry(entry(name + "/", TarConstants.LF_DIR, attributes));
            out.closeArchiveEntry();
            for (Path child : children) {
                try {
                    packAny(new Found(directory, child, found.path().resolve(child)), name + "/" + child);
                } catch (NoSuchFileException | NotLinkException vanished) {
                    // It is left out.
                }
            }
        }
    }

    /** Closes the content. */
    private void packFile(InputStream content, Path path, String name, PosixFileAttributes attributes)
            throws IOException {
        try (content) {
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
