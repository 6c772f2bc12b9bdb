package dev.aegisvm.cli;

import dev.aegisvm.api.Build;
import dev.aegisvm.api.StreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Answers on a socket what a script says: for the rehearsal, and for tests. Requests must fit in 8 KiB. */
final class ScriptedDaemon implements Closeable {
    private static final String BUILD = Build.HEADER + ": " + Build.id() + "\r\n";

    private final ServerSocketChannel server;
    private final Function<String, byte[]> script;
    private final List<String> requests = new CopyOnWriteArrayList<>();

    /** Serves, with a script that makes an answer of a request's text. */
    ScriptedDaemon(Path socket, Function<String, byte[]> script) throws IOException {
        this.script = script;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread thread = new Thread(this::serve, "scripted daemon");
        thread.setDaemon(true);
        thread.start();
    }

    /** The texts of all requests so far. */
    List<String> requests() {
        return requests;
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel connection = server.accept()) {
                converse(connection);
            } catch (IOException clientLeftOrClosed) {
                // The next one may stay; the loop ends with the server.
            }
        }
    }

    private void converse(SocketChannel connection) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(8192);
        while (connection.read(request.clear()) > 0) {
            String text = new String(request.array(), 0, request.position(), StandardCharsets.UTF_8);
            if (text.contains(" HTTP/1.1\r\n")) {
                requests.add(text);
                Channels.newOutputStream(connection).write(script.apply(text));
            }
        }
    }

    static byte[] json(byte[] body) {
        return json(200, body);
    }

    static byte[] json(int status, byte[] body) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(("HTTP/1.1 " + status + " OK\r\n" + BUILD
                        + "content-type: application/json\r\ncontent-length: " + body.length + "\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        answer.writeBytes(body);
        return answer.toByteArray();
    }

    static byte[] chunk(String body) {
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return ("HTTP/1.1 200 OK\r\n" + BUILD + "transfer-encoding: chunked\r\n\r\n" + Integer.toHexString(length)
                        + "\r\n" + body + "\r\n0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] stream(StreamFrame... frames) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(("HTTP/1.1 101 Switching Protocols\r\n" + BUILD
                        + "connection: Upgrade\r\nupgrade: aegis-stream\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8));
        for (StreamFrame frame : frames) {
            answer.writeBytes(frame.encode());
        }
        return answer.toByteArray();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
