package dev.aegisvm.vmm.fake;

import module java.base;
import org.jspecify.annotations.Nullable;

/** Where a fake VM's guest connects to: keeps the newest connection for whoever asks, and drops older ones. */
final class FakeChannels implements AutoCloseable {
    private final Path path;
    private final ServerSocketChannel server;
    private @Nullable SocketChannel fresh;
    private @Nullable SocketChannel given;
    private boolean closed;

    private FakeChannels(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    static FakeChannels listen(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        FakeChannels channels = new FakeChannels(path, server);
        Thread.ofVirtual().name("fake-channels").start(channels::acceptAll);
        return channels;
    }

    /** The guest's end of a new connection. */
    SocketChannel dial() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(path));
    }

    private void acceptAll() {
        try {
            while (true) {
                accepted(server.accept());
            }
        } catch (IOException over) {
            // The VM has ended.
        }
    }

    private synchronized void accepted(SocketChannel channel) throws IOException {
        if (fresh != null) {
            fresh.close();
        }
        fresh = channel;
        notifyAll();
    }

    synchronized SocketChannel next(Duration limit) throws IOException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (fresh == null) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (closed || left <= 0) {
                throw new IOException(closed ? "the VM has ended" : "the guest did not connect");
            }
            try {
                wait(left);
            } catch (InterruptedException stop) {
                throw new IOException(stop);
            }
        }
        given = fresh;
        fresh = null;
        return given;
    }

    /** Closes the channel that was handed out, which the guest has given up. */
    synchronized void forget() throws IOException {
        if (given != null) {
            given.close();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
        notifyAll();
        server.close();
        Files.deleteIfExists(path);
        forget();
        if (fresh != null) {
            fresh.close();
        }
    }
}
