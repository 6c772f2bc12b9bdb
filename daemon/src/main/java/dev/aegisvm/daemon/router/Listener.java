package dev.aegisvm.daemon.router;

import module java.base;
import java.lang.System.Logger.Level;

/** Listens on one port of the host's loopback, over IPv4 and, where the host has it, IPv6. */
final class Listener implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Listener.class.getName());
    /** With Java's default of 50, the 51st of clients that come at once would be refused. */
    static final int BACKLOG = 4096;
    /** How long to wait when no connection can be accepted, for lack of file descriptors for example. */
    private static final long RETRY_MS = 100;

    private static final Duration MAX_CLOSE = Duration.ofSeconds(1);

    private static final InetAddress LOOPBACK_V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress LOOPBACK_V6 = InetAddress.ofLiteral("::1");

    private final List<ServerSocketChannel> sockets = new ArrayList<>();
    private final List<Thread> accepting = new ArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    private Listener() {}

    /** Takes a port, unless another program has it or it may not be used; clients wait until {@link #accept}. */
    static Listener bind(int port) throws IOException {
        Listener listener = new Listener();
        try {
            for (InetAddress address : loopback()) {
                listener.bind(address, port);
            }
            return listener;
        } catch (IOException obstacle) {
            listener.close();
            throw obstacle;
        }
    }

    /** The addresses of the loopback that the host has: a client may take {@code localhost} for either. */
    static List<InetAddress> loopback() throws IOException {
        return NetworkInterface.getByInetAddress(LOOPBACK_V6) == null
                ? List.of(LOOPBACK_V4)
                : List.of(LOOPBACK_V4, LOOPBACK_V6);
    }

    private void bind(InetAddress address, int port) throws IOException {
        boolean v6 = address instanceof Inet6Address;
        ServerSocketChannel socket =
                ServerSocketChannel.open(v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
        sockets.add(socket);
        socket.bind(new InetSocketAddress(address, port), BACKLOG);
    }

    /**
     * Hands over each client from now on, on a thread that must not be held up. Where {@code clients} says that there
     * is no room for another, that one waits for {@link Clients#PAUSE}. Does nothing the second time.
     */
    void accept(Predicate<SocketChannel> clients) {
        if (accepting.isEmpty()) {
            sockets.forEach(socket ->
                    accepting.add(Thread.ofVirtual().name("listener").start(() -> acceptAll(socket, clients))));
        }
    }

    private void acceptAll(ServerSocketChannel socket, Predicate<SocketChannel> clients) {
        try {
            while (socket.isOpen()) {
                acceptOne(socket, clients);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private void acceptOne(ServerSocketChannel socket, Predicate<SocketChannel> clients) throws InterruptedException {
        try {
            if (!clients.test(socket.accept())) {
                closed.await(Clients.PAUSE.toNanos(), TimeUnit.NANOSECONDS);
            }
        } catch (ClosedChannelException end) {
            LOG.log(Level.DEBUG, "a listener ended");
        } catch (IOException obstacle) {
            LOG.log(Level.WARNING, "cannot accept a connection: " + obstacle);
            closed.await(RETRY_MS, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Frees the port. Waits for the threads that accept, since they close their sockets: afterwards the port is free.
     * Not to be called with a lock that {@link #accept}'s consumer takes.
     */
    @Override
    public void close() {
        closed.countDown();
        for (ServerSocketChannel socket : sockets) {
            try {
                socket.close();
            } catch (IOException obstacle) {
                LOG.log(Level.WARNING, "cannot close a listener: " + obstacle);
            }
        }
        try {
            for (Thread thread : accepting) {
                thread.join(MAX_CLOSE);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
