package dev.aegisvm.host;

import module java.base;

/**
 * An open directory of this host. What is below is reached by its descriptor, one component at a time and never by way
 * of a symlink: neither what a guest has sent before nor a process that moves directories meanwhile leads us elsewhere.
 */
public final class HostDirectory implements AutoCloseable {
    private static final int O_DIRECTORY = Processor.ours().directory;
    private static final int O_NOFOLLOW = Processor.ours().noFollow;

    private final int descriptor;

    private HostDirectory(int descriptor) {
        this.descriptor = descriptor;
    }

    /**
     * Opens a directory of the user's choice.
     *
     * @throws FileSystemException if it is none, or may not be opened
     */
    public static HostDirectory open(Path path) throws IOException {
        return open(Posix.AT_FDCWD, path.toString(), 0);
    }

    /** The same, but for a symlink. */
    public static HostDirectory openItself(Path path) throws IOException {
        return open(Posix.AT_FDCWD, path.toString(), O_NOFOLLOW);
    }

    private static HostDirectory open(int at, String name, int flags) throws IOException {
        int descriptor = Posix.openAt(at, name, O_DIRECTORY | flags);
        if (descriptor < 0) {
            throw new FileSystemException(name, null, "it is not a directory that can be opened");
        }
        return new HostDirectory(descriptor);
    }

    public HostDirectory enter(String name) throws IOException {
        return open(descriptor, name, O_NOFOLLOW);
    }

    /**
     * The directory of this name in this one, made if there is none.
     *
     * @throws FileSystemException if something else has this name
     */
    public HostDirectory make(String name, Set<PosixFilePermission> permissions) throws IOException {
        try {
            Files.createDirectory(at(name), PosixFilePermissions.asFileAttribute(permissions));
        } catch (FileAlreadyExistsException there) {
            if (!Files.isDirectory(at(name), LinkOption.NOFOLLOW_LINKS)) {
                String what = Files.isSymbolicLink(at(name)) ? "a symlink, which is not followed" : "not a directory";
                throw new FileSystemException(name, null, what);
            }
        }
        return open(descriptor, name, O_NOFOLLOW);
    }

    Path path() {
        return new OpenFile(descriptor).path();
    }

    /** Its path for another process of this user, as long as it is open here. */
    public Path forOthers() {
        return Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd", Integer.toString(descriptor));
    }

    /** A path for one more step, whose last component must not be followed. */
    public Path at(String name) {
        return path().resolve(name);
    }

    @Override
    public void close() {
        Posix.close(descriptor);
    }
}
