package dev.aegisvm.host;

import static dev.aegisvm.host.Posix.Libc.C;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import module java.base;

/** Files with holes, of which Java tells nothing. */
public final class SparseFile {
    private static final int SEEK_DATA = 3;
    private static final int SEEK_HOLE = 4;

    // statx(2): its structure is the same on every architecture.
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BLOCKS = 0x400;
    private static final long STATX_BYTES = 256;
    private static final long BLOCKS_OFFSET = 48;
    private static final long BLOCK_BYTES = 512;

    private SparseFile() {}

    /** Makes a file of this size that is one hole. */
    public static void create(Path file, long size) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            extend(channel, size);
        }
    }

    /** A part of a file that is no hole. */
    public record Extent(long offset, long length) {}

    /** All that is no hole, in its order. */
    public static List<Extent> extents(Path file) throws IOException {
        int open = Posix.openAt(Posix.AT_FDCWD, file.toString(), 0);
        if (open < 0) {
            throw new IOException("cannot open " + file);
        }
        try {
            List<Extent> found = new ArrayList<>();
            for (long data = C.lseek(open, 0, SEEK_DATA); data >= 0; ) {
                long hole = C.lseek(open, data, SEEK_HOLE);
                found.add(new Extent(data, hole - data));
                data = C.lseek(open, hole, SEEK_DATA);
            }
            return found;
        } finally {
            Posix.close(open);
        }
    }

    /** Copies a file, data only: the holes stay holes. */
    public static void copy(Path from, Path to) throws IOException {
        try (FileChannel source = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel target = FileChannel.open(to, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long size = source.size();
            for (Extent data : extents(from)) {
                copyRange(source, target, data.offset(), data.offset() + data.length());
            }
            extend(target, size);
        }
    }

    private static void copyRange(FileChannel source, FileChannel target, long from, long to) throws IOException {
        target.position(from);
        long at = from;
        while (at < to) {
            long moved = source.transferTo(at, to - at, target);
            if (moved <= 0) {
                throw new IOException("the file became shorter while it was copied");
            }
            at += moved;
        }
    }

    /** Gives a file its length by its last byte, since a FileChannel can only shrink. */
    private static void extend(FileChannel file, long size) throws IOException {
        if (file.size() < size) {
            file.write(ByteBuffer.allocate(1), size - 1);
        }
    }

    /** What a file or a tree takes up; several names of one file count once, what vanishes meanwhile not at all. */
    public static long treeBytes(Path tree) {
        Map<Object, Long> found = new HashMap<>();
        add(tree, found);
        return found.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void add(Path tree, Map<Object, Long> found) {
        try {
            BasicFileAttributes here = Files.readAttributes(tree, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            found.put(here.fileKey(), Math.max(0, allocatedBytes(tree)));
            if (here.isDirectory()) {
                try (DirectoryStream<Path> all = Files.newDirectoryStream(tree)) {
                    all.forEach(each -> add(each, found));
                }
            }
        } catch (IOException | DirectoryIteratorException gone) {
            return;
        }
    }

    /** Bytes of the blocks that the file system has given to a file; negative if there is no such file. */
    public static long allocatedBytes(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(STATX_BYTES, Long.BYTES);
            MemorySegment name = arena.allocateFrom(file.toString());
            int failed = C.statx(Posix.AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, found);
            return failed == 0 ? found.get(JAVA_LONG, BLOCKS_OFFSET) * BLOCK_BYTES : -1;
        }
    }
}
