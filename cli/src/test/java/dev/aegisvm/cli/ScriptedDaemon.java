package dev.aegisvm.cli;

import module java.base;
import dev.aegisvm.api.*;

/** Answers on a socket what a script says: for the rehearsal, and for tests. Requests must fit in 8 KiB. */
public record ScriptedDaemon(ServerSocketChannel server, Function<String, byte[]> script, List<String> requests)
        implements Closeable {
    private static final String BUILD = Build.HEADER + ": " + Build.id() + "\r\n";

    public ScriptedDaemon(Path socket, Function<String, byte[]> script) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        this(server, script, new CopyOnWriteArrayList<>());
        Thread.ofPlatform().daemon().name("scripted daemon").start(this::serve);
    }

    private void serve() {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                Thread.ofPlatform().daemon().name("scripted answers").start(() -> converse(connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void converse(SocketChannel connection) {
        ByteBuffer request = ByteBuffer.allocate(8192);
        try (connection) {
            while (connection.read(request.clear()) > 0) {
                String text = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
                if (text.contains(" HTTP/1.1\r\n")) {
                    requests.add(text);
                    Channels.newOutputStream(connection).write(script.apply(text));
                }
            }
        } catch (IOException clientLeft) {
            return;
        }
    }

    public static byte[] json(String body) {
        return json(200, body.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] json(int status, byte[] body) {
        return answer(status + " OK", "content-type: application/json\r\ncontent-length: " + body.length, body);
    }

    public static byte[] chunk(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String chunk = Integer.toHexString(bytes.length) + "\r\n" + body + "\r\n0\r\n\r\n";
        return answer("200 OK", "transfer-encoding: chunked", chunk.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] stream(StreamFrame... frames) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (StreamFrame frame : frames) {
            all.writeBytes(frame.encode());
        }
        return answer("101 Switching Protocols", "connection: Upgrade\r\nupgrade: aegis-stream", all.toByteArray());
    }

    private static byte[] answer(String status, String headers, byte[] body) {
        byte[] head = ("HTTP/1.1 " + status + "\r\n" + BUILD + headers + "\r\n\r\n").getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(head.length + body.length)
                .put(head)
                .put(body)
                .array();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
