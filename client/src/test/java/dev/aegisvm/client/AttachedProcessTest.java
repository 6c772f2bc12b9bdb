package dev.aegisvm.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecRequest;
import dev.aegisvm.api.ExecViews.ExecStarted;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StreamFrame;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttachedProcessTest {
    private static final String SWITCHED = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: aegis-stream\r\n\r\n";

    @TempDir
    Path directory;

    private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    private final List<String> notes = new ArrayList<>();

    private ProcessExit pump(AttachedProcess process) throws IOException {
        return process.pump(stdout::write, stderr::write, () -> notes.add("started"), notes::add);
    }

    private Path socket() {
        return directory.resolve("s");
    }

    private static byte[] frames(StreamFrame... frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(SWITCHED.getBytes(UTF_8));
        for (StreamFrame frame : frames) {
            bytes.writeBytes(frame.encode());
        }
        return bytes.toByteArray();
    }

    private static ScriptedServer.Script once(byte[] answer) {
        return (_, connection) -> {
            ScriptedServer.write(connection, answer);
            return false;
        };
    }

    private static StreamFrame exit(int code) {
        return StreamFrame.of(StreamFrame.Type.EXIT, ProcessExit.of(code));
    }

    @Test
    void framesThatComeWithTheHeadAreNotLost() throws IOException {
        byte[] answer = frames(
                StreamFrame.of(StreamFrame.Type.STARTED, new ExecStarted("main", null, 7L)),
                StreamFrame.of(StreamFrame.Type.STDOUT, new byte[] {0, -1}, 0, 2),
                StreamFrame.note("hm"),
                exit(42));
        try (ScriptedServer server = new ScriptedServer(socket(), once(answer));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            assertThat(pump(process).exitCode()).isEqualTo(42);
            assertThat(stdout.toByteArray()).containsExactly(0, -1);
            assertThat(notes).containsExactly("started", "hm");
            assertThat(server.requests.getFirst())
                    .startsWith("POST /v1/instances/inst-1/attach HTTP/1.1\r\n")
                    .contains("Connection: Upgrade\r\nUpgrade: aegis-stream\r\n");
        }
    }

    @Test
    void bothStreamsArriveByteForByte() throws IOException {
        Random random = new Random(7);
        ByteArrayOutputStream sentOut = new ByteArrayOutputStream();
        ByteArrayOutputStream sentErr = new ByteArrayOutputStream();
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        wire.writeBytes(frames());
        for (int count = 0; count < 300; count++) {
            byte[] bytes = new byte[random.nextInt(StreamFrame.MAX_PAYLOAD + 1)];
            random.nextBytes(bytes);
            boolean out = random.nextBoolean();
            (out ? sentOut : sentErr).writeBytes(bytes);
            wire.writeBytes(
                    StreamFrame.of(out ? StreamFrame.Type.STDOUT : StreamFrame.Type.STDERR, bytes, 0, bytes.length)
                            .encode());
        }
        wire.writeBytes(exit(0).encode());
        try (ScriptedServer server = new ScriptedServer(socket(), once(wire.toByteArray()));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.EXEC.with(ExecRequest.of(List.of("a")), "box"))) {
            assertThat(pump(process).exitCode()).isZero();
            assertThat(stdout.toByteArray()).isEqualTo(sentOut.toByteArray());
            assertThat(stderr.toByteArray()).isEqualTo(sentErr.toByteArray());
            assertThat(server.requests.getFirst()).endsWith("{\"command\":[\"a\"],\"env\":{}}");
        }
    }

    @Test
    void stdinArrivesByteForByteAndEnds() throws IOException {
        byte[] given = new byte[200_000];
        new Random(8).nextBytes(given);
        ByteArrayOutputStream arrived = new ByteArrayOutputStream();
        ScriptedServer.Script script = (_, connection) -> {
            ScriptedServer.write(connection, frames());
            readStdin(connection, arrived);
            ScriptedServer.write(connection, exit(3).encode());
            return false;
        };
        try (ScriptedServer server = new ScriptedServer(socket(), script);
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            process.feed(new ByteArrayInputStream(given));
            assertThat(pump(process).exitCode()).isEqualTo(3);
            assertThat(arrived.toByteArray()).isEqualTo(given);
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void whatIsSentAfterTheEndIsLost() throws IOException {
        InputStream endless = new InputStream() {
            @Override
            public int read() {
                return 'a';
            }
        };
        try (ScriptedServer server = new ScriptedServer(socket(), once(frames(exit(3))));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            assertThat(pump(process).exitCode()).isEqualTo(3);
            assertThatThrownBy(() -> pump(process)).isInstanceOf(DaemonException.class);
            process.feed(endless);
            process.write(new byte[100]);
            process.signal(2);
            process.endStdin();
            assertThat(server.requests).hasSize(1);
        }
    }

    private static void readStdin(SocketChannel connection, ByteArrayOutputStream arrived) throws IOException {
        StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        List<StreamFrame> ends = new ArrayList<>();
        ByteBuffer buffer = ByteBuffer.allocate(10_000);
        while (ends.isEmpty() && connection.read(buffer.clear()) >= 0) {
            decoder.feed(buffer.flip(), frame -> {
                arrived.writeBytes(frame.payload());
                if (frame.payload().length == 0) {
                    ends.add(frame);
                }
            });
        }
    }

    @Test
    void aProcessThatNeverStartedIsARefusal() throws IOException {
        ApiError error = ErrorCode.COMMAND_NOT_FOUND.error("no such command: frob");
        try (ScriptedServer server =
                        new ScriptedServer(socket(), once(frames(StreamFrame.of(StreamFrame.Type.ERROR, error))));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            assertThatThrownBy(() -> pump(process))
                    .isInstanceOfSatisfying(
                            ApiException.class,
                            refusal -> assertThat(refusal.error().exitCode()).isEqualTo(127));
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void aConnectionThatEndsBeforeTheProcessIsAFailure() throws IOException {
        byte[] cut = frames(StreamFrame.of(StreamFrame.Type.STDOUT, new byte[] {1, 2, 3}, 0, 3));
        try (ScriptedServer server = new ScriptedServer(socket(), once(cut));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            assertThatThrownBy(() -> pump(process))
                    .isInstanceOf(DaemonException.class)
                    .hasMessageContaining("before the process ended");
            assertThat(stdout.toByteArray()).containsExactly(1, 2, 3);
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void bytesThatAreNoFramesAreAFailure() throws IOException {
        byte[] junk = (SWITCHED + "\u007fjunkjunk").getBytes(UTF_8);
        try (ScriptedServer server = new ScriptedServer(socket(), once(junk));
                DaemonClient client = new DaemonClient(socket());
                AttachedProcess process = client.stream(Routes.ATTACH.to("inst-1"))) {
            assertThatThrownBy(() -> pump(process)).isInstanceOf(IOException.class);
            assertThat(server.requests).hasSize(1);
        }
    }
}
