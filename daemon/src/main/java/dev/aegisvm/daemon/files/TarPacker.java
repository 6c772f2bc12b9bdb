package dev.aegisvm.daemon.files;

import static java.nio.charset.StandardCharsets.UTF_8;

import module java.base;
import dev.aegisvm.api.GuestPath;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileFailure.Reason;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * Packs a file or a tree of a guest as a tar stream. A symlink is followed where the path itself leads, and packed as
 * one in the tree; hard links are packed as files of their own. Left out are sockets, FIFOs, devices, files that vanish
 * meanwhile, and the content of /proc, /sys and /dev.
 */
public final class TarPacker {
    private static final int PIECE = 64 * 1024;
    /** How much is read of a file with size 0: files of /proc have that size. */
    private static final int UNTOLD = 1024 * 1024;
    /** The memory that the names of directories may take while they are packed. */
    private static final long MAX_PENDING = 32L * 1024 * 1024;

    private static final int ENTRY_COST = 200;
    private static final Set<String> INVENTED = Set.of("/proc", "/sys", "/dev");

    private final GuestFiles files;
    private final GuestPath root;
    private final FileStat rootStat;
    private final byte[] piece = new byte[PIECE];
    private final Deque<Level> levels = new ArrayDeque<>();
    private long pending;

    /** A directory that is being packed: what is left of its entries. */
    private record Level(GuestPath path, String prefix, Iterator<FileEntry> rest, long cost) {}

    /** Looks at what is to be packed; reads nothing yet. */
    public TarPacker(GuestFiles files, GuestPath root) throws IOException {
        this.files = files;
        this.root = root;
        this.rootStat = files.stat(root.value(), true);
        if (rootStat.kind() != FileKind.FILE && rootStat.kind() != FileKind.DIRECTORY) {
            throw FileFailure.because(Reason.NOT_A_FILE, "pack " + root);
        }
    }

    /** Writes all of it; the names begin with the last component of the path, or {@code .} where it has none. */
    public void pack(OutputStream stream) throws IOException {
        TarArchiveOutputStream out = new TarArchiveOutputStream(stream, UTF_8.name());
        out.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        out.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        out.setAddPaxHeadersForNonAsciiNames(true);
        if (rootStat.kind() == FileKind.FILE) {
            packFile(out, root, root.name());
        } else {
            packTree(out);
        }
        out.finish();
    }

    private void packTree(TarArchiveOutputStream out) throws IOException {
        enter(out, root, root.name(), rootStat);
        while (!levels.isEmpty()) {
            Level level = levels.peek();
            if (!level.rest().hasNext()) {
                pending -= level.cost();
                levels.pop();
                continue;
            }
            FileEntry entry = level.rest().next();
            try {
                packEntry(out, level, entry);
            } catch (FileFailure failure) {
                if (failure.reason() != Reason.NOT_FOUND) {
                    throw failure;
                }
            }
        }
    }

    private void packEntry(TarArchiveOutputStream out, Level level, FileEntry entry) throws IOException {
        if (entry.name().indexOf('\uFFFD') >= 0) {
            throw FileFailure.because(Reason.UNNAMEABLE, "pack " + level.path().resolve(entry.name()));
        }
        GuestPath path = level.path().resolve(entry.name());
        String name = level.prefix() + entry.name();
        switch (entry.stat().kind()) {
            case DIRECTORY -> enter(out, path, name, entry.stat());
            case FILE -> packFile(out, path, name);
            case SYMLINK -> packSymlink(out, name, entry.stat());
            case FIFO, SOCKET, CHARACTER_DEVICE, BLOCK_DEVICE, WHITEOUT, OPAQUE_DIRECTORY -> {}
        }
    }

    private void enter(TarArchiveOutputStream out, GuestPath path, String name, FileStat stat) throws IOException {
        Level level = INVENTED.contains(path.value())
                ? new Level(path, "", List.<FileEntry>of().iterator(), 0)
                : list(path, name + "/");
        out.putArchiveEntry(describe(new TarArchiveEntry(name + "/", TarConstants.LF_DIR), stat));
        out.closeArchiveEntry();
        pending += level.cost();
        levels.push(level);
    }

    private Level list(GuestPath path, String prefix) throws IOException {
        List<FileEntry> entries = new ArrayList<>();
        long cost = 0;
        try (FileListing listing = files.list(path.value())) {
            for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                FileEntry entry = next.get();
                entries.add(entry);
                cost += ENTRY_COST
                        + entry.name().length()
                        + entry.stat().target().map(String::length).orElse(0);
                if (pending + cost > MAX_PENDING) {
                    throw FileFailure.because(Reason.TOO_LARGE_A_TREE, "pack " + root);
                }
            }
        }
        entries.sort(Comparator.comparing(FileEntry::name));
        return new Level(path, prefix, entries.iterator(), cost);
    }

    private static void packSymlink(TarArchiveOutputStream out, String name, FileStat stat) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(stat.target().orElse(""));
        out.putArchiveEntry(describe(entry, stat));
        out.closeArchiveEntry();
    }

    private void packFile(TarArchiveOutputStream out, GuestPath path, String name) throws IOException {
        try (FileContent content = files.read(path.value(), 0, Optional.empty())) {
            long size = content.stat().size();
            InputStream in = content.in();
            if (size == 0) {
                byte[] untold = in.readNBytes(UNTOLD);
                size = untold.length;
                in = new ByteArrayInputStream(untold);
            }
            TarArchiveEntry entry = describe(new TarArchiveEntry(name, TarConstants.LF_NORMAL), content.stat());
            entry.setSize(size);
            out.putArchiveEntry(entry);
            copy(in, size, path, out);
            out.closeArchiveEntry();
        }
    }

    /** Copies as much as there was when the file was opened; it may have grown since. */
    private void copy(InputStream in, long size, GuestPath path, OutputStream out) throws IOException {
        long left = size;
        while (left > 0) {
            int count = in.read(piece, 0, (int) Math.min(piece.length, left));
            if (count < 0) {
                throw FileFailure.because(Reason.CHANGED, "pack " + path);
            }
            out.write(piece, 0, count);
            left -= count;
        }
    }

    private static TarArchiveEntry describe(TarArchiveEntry entry, FileStat stat) {
        entry.setMode(stat.mode());
        entry.setUserId(stat.uid());
        entry.setGroupId(stat.gid());
        entry.setLastModifiedTime(FileTime.from(stat.modified().truncatedTo(ChronoUnit.SECONDS)));
        return entry;
    }
}
