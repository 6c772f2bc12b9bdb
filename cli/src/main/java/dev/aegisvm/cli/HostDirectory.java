package dev.aegisvm.cli;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * An open directory of this host. What is below is reached by its descriptor, one component at a time and never by way of a
 * symlink: neither what a guest has sent before nor somebody who moves directories meanwhile leads us elsewhere.
 */
final class HostDirectory implements AutoCloseable {
    // Flags of open(2) on x86-64 Linux.
    private static final int O_DIRECTORY = 0x10000;
    private static final int O_NOFOLLOW = 0x20000;
    private static final int O_CLOEXEC = 0x80000;
    private static final int AT_FDCWD = -100;

    private static final OpenAt OPEN_AT = link(
            OpenAt.class,
            "openat",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT),
            Linker.Option.firstVariadicArg(3));
    private static final Close CLOSE = link(Close.class, "close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    private final int descriptor;

    private HostDirectory(int descriptor) {
        this.descriptor = descriptor;
    }

    /** Opens a directory of the user's choice. */
    static HostDirectory open(Path path) throws IOException {
        return open(AT_FDCWD, path.toString(), 0, path.toString());
    }

    private static HostDirectory open(int at, String name, int flags, String shown) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            int descriptor = OPEN_AT.call(at, arena.allocateFrom(name), O_DIRECTORY | O_CLOEXEC | flags);
            if (descriptor < 0) {
                throw new IOException("cannot open the directory " + Printable.of(shown));
            }
            return new HostDirectory(descriptor);
        }
    }

    /** The directory of this name in this one, made if there is none. */
    HostDirectory make(String name, Set<PosixFilePermission> permissions) throws IOException {
        try {
            Files.createDirectory(at(name), PosixFilePermissions.asFileAttribute(permissions));
        } catch (FileAlreadyExistsException there) {
            if (!Files.isDirectory(at(name), LinkOption.NOFOLLOW_LINKS)) {
                throw new IOException(
                        "cannot make the directory " + Printable.of(name) + ": something else is there, "
                                + (Files.isSymbolicLink(at(name))
                                        ? "a symlink, which is not followed"
                                        : "which is no directory"),
                        there);
            }
        }
        return open(descriptor, name, O_NOFOLLOW, name);
    }

    /** A path for one more step, whose last component must not be followed. */
    Path at(String name) {
        return Path.of("/proc/self/fd/" + descriptor, name);
    }

    @Override
    public void close() {
        CLOSE.call(descriptor);
    }

    @SuppressWarnings("restricted") // Java opens no directory without following symlinks that it can make others in.
    private static <T> T link(Class<T> shape, String name, FunctionDescriptor type, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        MethodHandle handle = linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type, options);
        return MethodHandleProxies.asInterfaceInstance(shape, handle);
    }

    /** {@code int openat(int, const char *, int)}. */
    public interface OpenAt {
        int call(int directory, MemorySegment name, int flags);
    }

    /** {@code int close(int)}. */
    public interface Close {
        int call(int descriptor);
    }
}
