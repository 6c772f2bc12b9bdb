package dev.aegisvm.client;

import module java.base;

/** A real server on a unix socket that reads a request, lets a script answer it, and remembers what it was asked. */
final class ScriptedServer implements Closeable {
    /** Answers one request, whose text is given, on its connection; returning false closes the connection. */
    interface Script {
        boolean answer(String request, SocketChannel connection) throws IOException;
    }

    final List<String> requests = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocketChannel server;

    ScriptedServer(Path socket, Script script) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofVirtual().start(() -> accept(script));
    }

    /** Gives the same bytes to every request. */
    static ScriptedServer saying(Path socket, String answer) throws IOException {
        return new ScriptedServer(socket, (_, connection) -> {
            write(connection, answer);
            return true;
        });
    }

    static void write(SocketChannel connection, String text) throws IOException {
        write(connection, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            connection.write(buffer);
        }
    }

    private void accept(Script script) {
        try {
            while (true) {
                SocketChannel connection = server.accept();
                connections.incrementAndGet();
                Thread.ofVirtual().start(() -> converse(connection, script));
            }
        } catch (IOException closed) {
            return;
        }
    }

    private void converse(SocketChannel connection, Script script) {
        try (connection) {
            String request = read(connection);
            while (!request.isEmpty()) {
                requests.add(request);
                request = script.answer(request, connection) ? read(connection) : "";
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a head and as much of a body as it announces. */
    private static String read(SocketChannel connection) throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(8192);
        while (true) {
            String text = got.toString(StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0 && text.length() >= end + 4 + announced(text)) {
                return text;
            }
            if (connection.read(buffer.clear()) < 0) {
                return "";
            }
            got.write(buffer.array(), 0, buffer.position());
        }
    }

    private static int announced(String head) {
        int at = head.indexOf("Content-Length: ");
        return at < 0 ? 0 : Integer.parseInt(head, at + 16, head.indexOf('\r', at), 10);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
