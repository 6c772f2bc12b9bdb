package dev.aegisvm.gateway.dial;

import module java.base;

/** An HTTP proxy of a test's own, which knows some names that nobody else does. */
final class ConnectProxy implements AutoCloseable {
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    private final Map<String, Integer> targets = new ConcurrentHashMap<>();
    final List<String> heads = new CopyOnWriteArrayList<>();

    ConnectProxy() throws IOException {
        Thread.ofVirtual().start(this::accept);
    }

    String url() {
        return "http://user:pass%20word@127.0.0.1:" + socket.getLocalPort();
    }

    /** A target leads to a port of the loopback. */
    ConnectProxy with(String target, int port) {
        targets.put(target, port);
        return this;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException end) {
            heads.add("end");
        }
    }

    private static void carry(Socket client, Socket target) {
        try (target) {
            client.getInputStream().transferTo(target.getOutputStream());
        } catch (IOException end) {
            throw new UncheckedIOException(end);
        }
    }

    private void serve(Socket client) {
        try (client) {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) client.getInputStream().read());
            }
            heads.add(head.toString());
            Integer port = targets.get(head.toString().split(" ", -1)[1]);
            if (port == null) {
                client.getOutputStream().write("HTTP/1.1 403 Not for you\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            try (Socket target = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
                client.getOutputStream().write("HTTP/1.1 200 OK\r\nX: y\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                Thread.ofVirtual().start(() -> carry(client, target));
                target.getInputStream().transferTo(client.getOutputStream());
            }
        } catch (IOException end) {
            throw new UncheckedIOException(end);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
