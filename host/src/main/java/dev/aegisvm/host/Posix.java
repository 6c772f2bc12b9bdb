package dev.aegisvm.host;

import static dev.aegisvm.host.Posix.Libc.C;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import module java.base;

/** Signals, ends of processes and descriptors: what Java offers for children alone, or not at all. */
public final class Posix {
    /** Signal numbers of signal(7) on Linux. */
    public static final int SIGHUP = 1;

    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIGWINCH = 28;
    public static final int SIGCONT = 18;
    public static final int SIGSTOP = 19;

    /** In the place of a directory: the working directory. */
    static final int AT_FDCWD = -100;

    private static final int O_CLOEXEC = 0x80000;

    // Numbers of the generic system call table, the same on every 64-bit Linux since 5.3.
    private static final long SYS_PIDFD_SEND_SIGNAL = 424;
    private static final long SYS_PIDFD_OPEN = 434;
    private static final int SOL_SOCKET = 1;
    private static final int SO_PEERCRED = 17;
    /** {@code struct ucred}: the process's, the user's and the group's id. */
    private static final int UCRED_BYTES = 12;

    private static final short POLLIN = 1;
    /** {@code struct pollfd}: an int and two shorts. */
    private static final long POLLFD_BYTES = 8;

    private Posix() {}

    /** A file descriptor that stands for the process, or a negative number if there is none (pidfd_open(2)). */
    static int pidfdOpen(long pid) {
        return (int) C.syscall(SYS_PIDFD_OPEN, pid, 0, 0, 0);
    }

    /** Signals the process behind a pidfd; false if it has ended (pidfd_send_signal(2)). */
    static boolean pidfdSendSignal(int pidfd, int signal) {
        return C.syscall(SYS_PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0) == 0;
    }

    /** Waits until the process behind a pidfd has ended, or so long; below 0 without a limit (poll(2)). */
    static void awaitEnd(int pidfd, int millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment pollfd = arena.allocate(POLLFD_BYTES);
            pollfd.set(JAVA_INT, 0, pidfd);
            pollfd.set(JAVA_SHORT, Integer.BYTES, POLLIN);
            C.poll(pollfd, 1, millis);
        }
    }

    /** Opens a file for reading, a relative path below an open directory; negative on failure (openat(2)). */
    static int openAt(int directory, String path, int flags) {
        try (Arena arena = Arena.ofConfined()) {
            return C.openat(directory, arena.allocateFrom(path), flags | O_CLOEXEC);
        }
    }

    /** The pid of a unix socket's peer; 0 in another pid namespace, negative if there is none (unix(7)). */
    static int peerPid(int socket) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment credentials = arena.allocate(UCRED_BYTES, Integer.BYTES);
            MemorySegment length = arena.allocateFrom(JAVA_INT, UCRED_BYTES);
            int failed = C.getsockopt(socket, SOL_SOCKET, SO_PEERCRED, credentials, length);
            return failed == 0 ? credentials.get(JAVA_INT, 0) : -1;
        }
    }

    /** Closes a descriptor; an error is ignored, since nothing can be done about it. */
    static void close(int fd) {
        C.close(fd);
    }

    /** Ends this process at once: no shutdown hook runs, no thread is waited for (_exit(2)). */
    public static void exit(int status) {
        C._exit(status);
    }

    /** The functions of the C library that we use; each has a manual page. */
    interface Libc {
        Libc C = NativeLibrary.c(Libc.class, Map.of("syscall", 1, "openat", 3, "ioctl", 2));

        long syscall(long number, long a, long b, long c, long d);

        int poll(MemorySegment watched, long count, int millis);

        int openat(int directory, MemorySegment path, int flags);

        int close(int descriptor);

        long lseek(int descriptor, long offset, int whence);

        int statx(int directory, MemorySegment path, int flags, int mask, MemorySegment found);

        int getsockopt(int socket, int level, int name, MemorySegment value, MemorySegment length);

        int ioctl(int descriptor, long request, MemorySegment argument);

        int tcgetattr(int descriptor, MemorySegment mode);

        int tcsetattr(int descriptor, int when, MemorySegment mode);

        void cfmakeraw(MemorySegment mode);

        void _exit(int status);
    }
}
