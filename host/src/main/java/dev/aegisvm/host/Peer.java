package dev.aegisvm.host;

import module java.base;

/** The process at the other end of a unix socket. Java tells its user, and keeps the descriptor to itself. */
public final class Peer {
    private Peer() {}

    /**
     * Whether the process that made a connection was started by us or by one that we started, or cannot be asked any
     * more. One of another pid namespace than ours is neither.
     *
     * @param connection one that was accepted
     */
    public static boolean isOurs(SelectableChannel connection) throws IOException {
        int pid = Posix.peerPid(descriptor(connection));
        if (pid == 0 || pid == ProcessHandle.current().pid()) {
            return false;
        }
        Optional<ProcessHandle> process = ProcessHandle.of(pid);
        return process.isEmpty()
                || Stream.iterate(process, Optional::isPresent, each -> each.flatMap(ProcessHandle::parent))
                        .anyMatch(each -> each.equals(Optional.of(ProcessHandle.current())));
    }

    /** Our programs run with this package exported. */
    private static int descriptor(SelectableChannel channel) throws IOException {
        try {
            Method descriptor = Class.forName("sun.nio.ch.SelChImpl").getMethod("getFDVal");
            return (Integer) descriptor.invoke(channel);
        } catch (ReflectiveOperationException anotherJdk) {
            throw new IOException("cannot find a connection's file descriptor with this JDK; use JDK 25", anotherJdk);
        }
    }
}
