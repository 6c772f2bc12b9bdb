package dev.aegisvm.daemon.home;

import module java.base;
import dev.aegisvm.host.HostError;

/** The one daemon of a home. The kernel gives the lock back when the process ends, however it ends. */
public record DaemonLock(FileChannel channel) implements AutoCloseable {
    /** Takes the lock, or says which process has it. */
    public static DaemonLock take(Path file) throws HomeException {
        try {
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (!locked(channel)) {
                String pid = content(channel);
                channel.close();
                throw new HomeException("another daemon uses this home directory"
                        + (pid.isEmpty() ? "" : " (pid " + pid + ")") + ": stop it with 'aegis down' first");
            }
            channel.truncate(0);
            byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
            channel.write(ByteBuffer.wrap(pid), 0);
            return new DaemonLock(channel);
        } catch (IOException obstacle) {
            throw new HomeException("cannot lock " + file + ": " + HostError.reason(obstacle), obstacle);
        }
    }

    /** Held for as long as the channel is open. */
    private static boolean locked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException ourselves) {
            return false;
        }
    }

    private static String content(FileChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(20);
        channel.read(buffer, 0);
        return new String(buffer.array(), 0, buffer.position(), StandardCharsets.US_ASCII).strip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
