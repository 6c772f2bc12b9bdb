package dev.aegisvm.cli;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.BootView;
import dev.aegisvm.api.ExecStarted;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogSource;
import dev.aegisvm.api.LogStream;
import dev.aegisvm.api.ProcessExit;
import dev.aegisvm.api.StatusView;
import dev.aegisvm.api.StreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * Plays the usual commands against answers from a script. The build records what this loads in the start-up (AOT)
 * cache, from which the real commands then start; no daemon and no VM are needed for it.
 */
public final class Rehearsal {
    private static final Instant THEN = Instant.EPOCH;
    private static final String ID = "inst-rehearsal";

    private Rehearsal() {}

    /** Plays all, and fails when a command does. */
    public static void main(String[] words) throws IOException {
        Path home = Files.createTempDirectory("aegis-rehearsal");
        Path socket = home.resolve("aegisd.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread daemon = new Thread(() -> serve(server), "scripted daemon");
            daemon.setDaemon(true);
            daemon.start();
            play(Map.of("AEGIS_HOME", home.toString()));
        } finally {
            Files.deleteIfExists(socket);
            Files.deleteIfExists(home);
        }
    }

    private static void play(Map<String, String> environment) {
        WritableByteChannel out = Console.ofProcess(environment).out();
        Console console = new Console(System.in, out, out, false, true);
        List<List<String>> commands = List.of(
                List.of("status"),
                List.of("run", "--env", "A=b", "--", "true"),
                List.of("exec", "box", "--", "true"),
                List.of("logs", "box"),
                List.of("instance", "start", "--name", "box", "--memory", "512M", "--", "sleep", "1"),
                List.of("instance", "list"),
                List.of("instance", "info", "box"),
                List.of("instance", "delete", "box"),
                List.of("run", "--help"));
        for (List<String> command : commands) {
            int exitCode = new Aegis(new Session(console, environment)).run(command);
            if (exitCode != 0) {
                throw new IllegalStateException(command + " exits with " + exitCode);
            }
        }
    }

    private static void serve(ServerSocketChannel server) {
        try {
            while (true) {
                try (SocketChannel connection = server.accept()) {
                    converse(connection);
                }
            }
        } catch (IOException over) {
            return;
        }
    }

    private static void converse(SocketChannel connection) throws IOException {
        ByteBuffer request = ByteBuffer.allocate(8192);
        while (connection.read(request.clear()) > 0) {
            String text = new String(request.array(), 0, request.position(), StandardCharsets.ISO_8859_1);
            int end = text.indexOf(" HTTP/1.1");
            if (end > 0) {
                Channels.newOutputStream(connection).write(answer(text.substring(0, end), text));
            }
        }
    }

    private static byte[] answer(String line, String request) {
        if (request.contains("Upgrade: ")) {
            return upgraded();
        }
        return switch (line) {
            case "GET /v1/status" -> json(ApiJson.write(new StatusView("running", "qemu", Map.of(), "0", 1, 1, 1)));
            case "GET /v1/instances" -> json(ApiJson.write(List.of(instance())));
            case "GET /v1/instances/box/logs" ->
                chunk(ApiJson.text(entry(LogStream.STDOUT)) + "\n" + ApiJson.text(entry(LogStream.SYSTEM)) + "\n");
            case "DELETE /v1/instances/box" -> json("{\"status\":\"deleted\"}".getBytes(StandardCharsets.UTF_8));
            default -> json(ApiJson.write(instance()));
        };
    }

    private static byte[] json(byte[] body) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(
                ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + body.length + "\r\n\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        answer.writeBytes(body);
        return answer.toByteArray();
    }

    private static byte[] chunk(String body) {
        return ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + Integer.toHexString(body.length()) + "\r\n"
                        + body + "\r\n0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] upgraded() {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes("HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: aegis-stream\r\n\r\n"
                .getBytes(StandardCharsets.UTF_8));
        answer.writeBytes(StreamFrame.of(StreamFrame.Type.STARTED, new ExecStarted("main", THEN, 1L))
                .encode());
        answer.writeBytes(
                StreamFrame.of(StreamFrame.Type.STDOUT, new byte[] {'\n'}, 0, 1).encode());
        answer.writeBytes(
                StreamFrame.of(StreamFrame.Type.STDERR, new byte[] {'\n'}, 0, 1).encode());
        answer.writeBytes(StreamFrame.of(StreamFrame.Type.EXIT, new ProcessExit(0, null, null))
                .encode());
        return answer.toByteArray();
    }

    private static LogEntry entry(LogStream stream) {
        return new LogEntry(THEN, stream, "a line", LogSource.SERVER, ID, null, null);
    }

    private static InstanceView instance() {
        BootView boot = new BootView("template", 1.0, Map.of("spawn", 1.0));
        return new InstanceView(
                ID,
                InstanceStatus.RUNNING,
                true,
                List.of("true"),
                "box",
                null,
                THEN,
                THEN,
                null,
                0,
                List.of(),
                List.of(),
                null,
                0,
                null,
                512,
                1,
                false,
                boot,
                List.of());
    }
}
