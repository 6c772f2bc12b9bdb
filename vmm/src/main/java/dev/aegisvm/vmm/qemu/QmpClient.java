package dev.aegisvm.vmm.qemu;

import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * A conversation with QEMU's monitor over its JSON protocol, one command at a time. It has no time limit of its own:
 * whoever waits for QEMU kills the process when it takes too long, and that closes the socket.
 */
final class QmpClient implements AutoCloseable {
    private static final JsonType<QmpMessage> MESSAGE = Jsonb.instance().type(QmpMessage.class);
    private static final int LINE_LIMIT = 64 * 1024;

    private final SocketChannel socket;
    private final BufferedReader reader;

    /** Takes over a connected socket, reads the greeting, and leaves the negotiation mode that QMP starts in. */
    QmpClient(SocketChannel socket) throws IOException {
        this.socket = socket;
        this.reader =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(socket), StandardCharsets.UTF_8));
        next();
        command("{\"execute\":\"qmp_capabilities\"}");
    }

    /** Waits until a restored machine runs. */
    void awaitRunning() throws IOException {
        QmpMessage.Data now = command("{\"execute\":\"query-status\"}").result();
        if (now != null && "running".equals(now.status())) {
            return;
        }
        while (!"RESUME".equals(next().event())) {
            // Events of no interest here go by.
        }
    }

    void stop() throws IOException {
        command("{\"execute\":\"stop\"}");
    }

    void resume() throws IOException {
        command("{\"execute\":\"cont\"}");
    }

    /** Saves the state of the stopped machine's devices to a file; its memory is in a file of its own already. */
    void saveState(String file) throws IOException {
        command("{\"execute\":\"migrate-set-capabilities\",\"arguments\":{\"capabilities\":["
                + "{\"capability\":\"x-ignore-shared\",\"state\":true},{\"capability\":\"events\",\"state\":true}]}}");
        command("{\"execute\":\"migrate\",\"arguments\":{\"uri\":"
                + Jsonb.instance().toJson("file:" + file) + "}}");
        while (true) {
            QmpMessage message = next();
            String status = message.data() == null ? null : message.data().status();
            if ("MIGRATION".equals(message.event()) && "completed".equals(status)) {
                return;
            }
            if ("MIGRATION".equals(message.event()) && "failed".equals(status)) {
                throw new IOException("QEMU could not save the machine's state to " + file);
            }
        }
    }

    private QmpMessage command(String json) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap((json + "\n").getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
        QmpMessage reply = next();
        while (reply.event() != null) {
            reply = next();
        }
        if (reply.error() != null) {
            throw new IOException("QEMU refused a command: "
                    + Objects.requireNonNullElse(reply.error().desc(), "no reason given"));
        }
        return reply;
    }

    private QmpMessage next() throws IOException {
        String line = reader.readLine();
        if (line == null) {
            throw new IOException("QEMU closed its monitor");
        }
        if (line.length() > LINE_LIMIT) {
            throw new IOException("QEMU sent a line of " + line.length() + " characters");
        }
        return MESSAGE.fromJson(line);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
