package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.cli.terminal.Printable;
import dev.aegisvm.host.HostModes;
import org.apache.commons.compress.archivers.tar.*;

/**
 * Packs a file or a tree of this host as a tar stream. The path itself is followed where it is a symlink, unless that is not wanted;
 * symlinks in the tree are packed as such, also those that somebody puts there meanwhile, such as a guest that has the tree as its
 * workspace: each directory is held open while what is in it is read. Sockets, FIFOs and devices are left out, and so is what vanishes.
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

    /** What is to be packed: a name in an open directory; its path is for messages. */
    private record Found(SecureDirectoryStream<Path> above, Path file, Path path, boolean followed) {
        PosixFileAttributes attributes() throws IOException {
            return above.getFileAttributeView(file, PosixFileAttributeView.class, links())
                    .readAttributes();
        }

        SecureDirectoryStream<Path> open() throws IOException {
            return above.newDirectoryStream(file, links());
        }

        InputStream content() throws IOException {
            Set<OpenOption> options = new HashSet<>(List.of(links()));
            options.add(StandardOpenOption.READ);
            return Channels.newInputStream(above.newByteChannel(file, options));
        }

        private LinkOption[] links() {
            return followed ? new LinkOption[0] : new LinkOption[] {LinkOption.NOFOLLOW_LINKS};
        }
    }

    /**
     * Writes all of it.
     *
     * @param followed whether what the source leads to is meant, where it is a symlink
     * @param name under which it is written
     */
    void pack(Path source, boolean followed, String name) throws IOException {
        Path whole = source.toAbsolutePath();
        Path above = whole.getParent();
        Path file = whole.getFileName();
        try (SecureDirectoryStream<Path> held = opened(above == null ? whole : above)) {
            packAny(new Found(held, file == null ? Path.of(".") : file, source, followed), name);
        }
        out.finish();
        out.flush();
    }

    private static SecureDirectoryStream<Path> opened(Path directory) throws IOException {
        // On Linux all of them are.
        return (SecureDirectoryStream<Path>) Files.newDirectoryStream(directory);
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
                packFile(found, name, attributes);
            }
        } catch (AccessDeniedException denied) {
            throw new IOException("cannot read " + Printable.of(found.path().toString()) + ": permission denied", denied);
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
                packChild(new Found(directory, child, found.path().resolve(child), false), name + "/" + child);
            }
        }
    }

    private void packChild(Found child, String name) throws IOException {
        try {
            packAny(child, name);
        } catch (NoSuchFileException | NotLinkException vanished) {
            return;
        }
    }

    private void packFile(Found found, String name, PosixFileAttributes attributes) throws IOException {
        try (InputStream content = found.content()) {
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
            copy(in, size, found.path());
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
