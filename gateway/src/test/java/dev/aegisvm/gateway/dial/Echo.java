package dev.aegisvm.gateway.dial;

import module java.base;

/** A server of a test's own on the loopback, which greets and then sends back what it gets. */
final class Echo implements AutoCloseable {
    static final String GREETING = "hello\n";

    private final ServerSocket socket;
    final List<SocketAddress> clients = new CopyOnWriteArrayList<>();

    Echo(String address) throws IOException {
        socket = new ServerSocket(0, 50, InetAddress.ofLiteral(address));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return socket.getLocalPort();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                clients.add(client.getRemoteSocketAddress());
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException end) {
            clients.clear();
        }
    }

    private static void serve(Socket client) {
        try (client) {
            client.getOutputStream().write(GREETING.getBytes(StandardCharsets.US_ASCII));
            client.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException end) {
            throw new UncheckedIOException(end);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
