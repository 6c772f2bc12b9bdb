package dev.aegisvm.host;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/** How much of a sparse file is there, which Java does not tell. Apart from {@link Posix}, since starts need not wait for it. */
public final class FileBlocks {
    // statx(2): its structure is the same on every architecture.
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BLOCKS = 0x400;
    private static final long STRUCT_BYTES = 256;
    private static final long BLOCKS_OFFSET = 48;
    private static final long BLOCK_BYTES = 512;

    private static final Statx STATX = NativeLibrary.c(Statx.class, "statx");

    private FileBlocks() {}

    /** Bytes of the blocks that the file system has given to a file; negative if there is no such file. */
    public static long allocatedBytes(Path file) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment found = arena.allocate(STRUCT_BYTES, Long.BYTES);
            MemorySegment name = arena.allocateFrom(file.toString());
            int failed = STATX.call(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, found);
            return failed == 0 ? found.get(JAVA_LONG, BLOCKS_OFFSET) * BLOCK_BYTES : -1;
        }
    }

    /** {@code int statx(int, const char *, int, unsigned, struct statx *)}. */
    public interface Statx {
        int call(int directory, MemorySegment path, int flags, int mask, MemorySegment found);
    }
}
