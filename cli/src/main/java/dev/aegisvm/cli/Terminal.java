package dev.aegisvm.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import dev.aegisvm.api.TerminalSize;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.util.Optional;

/**
 * The terminal that is our stdin. In raw mode every key goes on as it is typed, Ctrl+C too, and nothing is echoed here;
 * {@link #close} gives it back as it was.
 */
final class Terminal implements AutoCloseable {
    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int AT_ONCE = 0;
    private static final long TIOCGWINSZ = 0x5413;
    /** More than any C library's {@code struct termios}. */
    private static final long TERMIOS_BYTES = 256;

    private static final Attributes GET =
            link(Attributes.class, "tcgetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
    private static final SetAttributes SET =
            link(SetAttributes.class, "tcsetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    private static final MakeRaw MAKE_RAW = link(MakeRaw.class, "cfmakeraw", FunctionDescriptor.ofVoid(ADDRESS));
    private static final Control CONTROL = link(
            Control.class,
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
            Linker.Option.firstVariadicArg(2));

    private final MemorySegment before;
    private boolean raw;

    private Terminal(MemorySegment before) {
        this.before = before;
    }

    /** The terminal, where stdin is one. */
    static Optional<Terminal> ofStdin() {
        MemorySegment mode = Arena.ofAuto().allocate(TERMIOS_BYTES);
        return GET.call(STDIN, mode) == 0 ? Optional.of(new Terminal(mode)) : Optional.empty();
    }

    /** The size of the terminal that is our stdin or stdout, where one of them is and knows it. */
    static Optional<TerminalSize> size() {
        Optional<TerminalSize> size = sizeOf(STDIN);
        return size.isPresent() ? size : sizeOf(STDOUT);
    }

    private static Optional<TerminalSize> sizeOf(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment sizes = arena.allocate(JAVA_SHORT, 4);
            if (CONTROL.call(descriptor, TIOCGWINSZ, sizes) != 0) {
                return Optional.empty();
            }
            int rows = sizes.getAtIndex(JAVA_SHORT, 0) & 0xffff;
            int columns = sizes.getAtIndex(JAVA_SHORT, 1) & 0xffff;
            return rows > 0 && columns > 0 ? Optional.of(new TerminalSize(rows, columns)) : Optional.empty();
        }
    }

    /** From now on every key goes on as it is typed. */
    synchronized void raw() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment mode = arena.allocate(TERMIOS_BYTES).copyFrom(before);
            MAKE_RAW.call(mode);
            raw = SET.call(STDIN, AT_ONCE, mode) == 0;
        }
    }

    /** Gives it back as it was. Idempotent. */
    @Override
    public synchronized void close() {
        if (raw) {
            raw = SET.call(STDIN, AT_ONCE, before) != 0;
        }
    }

    @SuppressWarnings("restricted") // Java has no other way to a terminal's mode; our programs run with native access.
    private static <T> T link(Class<T> shape, String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
        return MethodHandleProxies.asInterfaceInstance(shape, handle);
    }

    /** {@code int tcgetattr(int, struct termios *)}. */
    public interface Attributes {
        int call(int descriptor, MemorySegment mode);
    }

    /** {@code int tcsetattr(int, int, const struct termios *)}. */
    public interface SetAttributes {
        int call(int descriptor, int when, MemorySegment mode);
    }

    /** {@code void cfmakeraw(struct termios *)}. */
    public interface MakeRaw {
        void call(MemorySegment mode);
    }

    /** {@code int ioctl(int, unsigned long, ...)}. */
    public interface Control {
        int call(int descriptor, long request, MemorySegment argument);
    }
}
