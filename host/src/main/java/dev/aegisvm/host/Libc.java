package dev.aegisvm.host;

import module java.base;

/** The functions of the C library that we use. */
interface Libc {
    Libc C = NativeLibrary.c(Libc.class, Map.of("syscall", 1, "openat", 3, "ioctl", 2));

    /** {@code long syscall(long number, ...)}. */
    long syscall(long number, long a, long b, long c, long d);

    /** {@code int poll(struct pollfd *, nfds_t, int)}. */
    int poll(MemorySegment watched, long count, int millis);

    /** {@code int openat(int, const char *, int, ...)}. */
    int openat(int directory, MemorySegment path, int flags);

    int close(int descriptor);

    /** {@code off_t lseek(int, off_t, int)}. */
    long lseek(int descriptor, long offset, int whence);

    /** {@code int statx(int, const char *, int, unsigned, struct statx *)}. */
    int statx(int directory, MemorySegment path, int flags, int mask, MemorySegment found);

    /** {@code int getsockopt(int, int, int, void *, socklen_t *)}. */
    int getsockopt(int socket, int level, int name, MemorySegment value, MemorySegment length);

    /** {@code int ioctl(int, unsigned long, ...)}. */
    int ioctl(int descriptor, long request, MemorySegment argument);

    /** {@code int tcgetattr(int, struct termios *)}. */
    int tcgetattr(int descriptor, MemorySegment mode);

    /** {@code int tcsetattr(int, int, const struct termios *)}. */
    int tcsetattr(int descriptor, int when, MemorySegment mode);

    /** {@code void cfmakeraw(struct termios *)}. */
    void cfmakeraw(MemorySegment mode);

    void _exit(int status);
}
