package dev.aegisvm.host;

import static dev.aegisvm.host.Posix.Libc.C;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import module java.base;

/**
 * The terminal that is our stdin. In raw mode every key goes on as it is typed, Ctrl+C too, and nothing is echoed here;
 * {@link #close} gives it back as it was.
 */
public final class Terminal implements AutoCloseable {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int AT_ONCE = 0;
    private static final long TIOCGWINSZ = 0x5413;
    /** More than any C library's {@code struct termios}. */
    private static final long TERMIOS_BYTES = 256;

    public record Size(int rows, int columns) {}

    private static final Size USUAL_SIZE = new Size(24, 80);

    private final MemorySegment before;
    private boolean raw;

    private Terminal(MemorySegment before) {
        this.before = before;
    }

    public static Optional<Terminal> ofStdin() {
        MemorySegment mode = Arena.ofAuto().allocate(TERMIOS_BYTES);
        return C.tcgetattr(STDIN, mode) == 0 ? Optional.of(new Terminal(mode)) : Optional.empty();
    }

    /** The size of the terminal that is our stdin or stdout; the usual one where neither knows it. */
    public static Size size() {
        return sizeOf(STDIN).or(() -> sizeOf(STDOUT)).orElse(USUAL_SIZE);
    }

    private static Optional<Size> sizeOf(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sizes = arena.allocate(JAVA_SHORT, 4);
            if (C.ioctl(descriptor, TIOCGWINSZ, sizes) != 0) {
                return Optional.empty();
            }
            int rows = sizes.getAtIndex(JAVA_SHORT, 0) & 0xffff;
            int columns = sizes.getAtIndex(JAVA_SHORT, 1) & 0xffff;
            return rows > 0 && columns > 0 ? Optional.of(new Size(rows, columns)) : Optional.empty();
        }
    }

    public synchronized void raw() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mode = arena.allocate(TERMIOS_BYTES).copyFrom(before);
            C.cfmakeraw(mode);
            raw = C.tcsetattr(STDIN, AT_ONCE, mode) == 0;
        }
    }

    @Override
    public synchronized void close() {
        if (raw) {
            raw = C.tcsetattr(STDIN, AT_ONCE, before) != 0;
        }
    }
}
