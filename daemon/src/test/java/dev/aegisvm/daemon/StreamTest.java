package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that are attached: {@code attach} and {@code exec}, byte for byte and line by line, and {@code logs} that follow. */
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class StreamTest {
    private static final Pattern ID = Pattern.compile("\"id\":\"(inst-[0-9a-f]+)\"");

    @AutoClose
    private final DaemonHarness daemon;

    private Http http;

    StreamTest(Profile profile) {
        daemon = DaemonHarness.open(profile);
    }

    @BeforeEach
    void open() throws Exception {
        http = daemon.http;
    }

    /** The client's end of an aegis-stream connection. */
    private static final class Stream implements AutoCloseable {
        private final Http.Connection connection;
        private final StreamFrame.Decoder decoder = new StreamFrame.Decoder();
        private final Deque<StreamFrame> frames = new ArrayDeque<>();

        Stream(Http.Connection connection) {
            assertThat(connection.status()).isEqualTo(101);
            this.connection = connection;
        }

        StreamFrame next() throws IOException {
            byte[] buffer = new byte[8192];
            while (frames.isEmpty()) {
                int count = connection.in.read(buffer);
                if (count < 0) {
                    throw new IOException("the stream ended");
                }
                decoder.feed(ByteBuffer.wrap(buffer, 0, count), frames::add);
            }
            return frames.remove();
        }

        void send(StreamFrame frame) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(frame.encode());
            while (bytes.hasRemaining()) {
                connection.channel.write(bytes);
            }
        }

        void stdin(byte[] bytes) throws IOException {
            for (int at = 0; at < bytes.length; at += StreamFrame.MAX_PAYLOAD) {
                send(StreamFrame.of(
                        StreamFrame.Type.STDIN, bytes, at, Math.min(StreamFrame.MAX_PAYLOAD, bytes.length - at)));
            }
        }

        @Override
        public void close() throws IOException {
            connection.close();
        }
    }

    private String ephemeral(String command) throws IOException {
        Matcher id = ID.matcher(http.post("/v1/instances", "{\"command\":" + command + ",\"ephemeral\":true}")
                .body());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    private Stream attach(String id) throws IOException {
        return new Stream(http.upgrade("/v1/instances/" + id + "/attach", ""));
    }

    private void running(String handle) throws IOException {
        http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\",\"env\":{\"A\":\"1\"}}");
        await().untilAsserted(() ->
                assertThat(http.get("/v1/instances/" + handle).body()).contains("running"));
    }

    private void awaitNoInstance() {
        await().untilAsserted(() -> {
            assertThat(http.get("/v1/instances").body()).isEqualTo("[]");
            assertThat(daemon.vmm.all()).allSatisfy(vm -> assertThat(vm.exit()).isCompleted());
            assertThat(daemon.home.logs()).isEmptyDirectory();
        });
    }

    @Test
    void anEphemeralInstanceRunsForItsClientAndIsGone() throws IOException {
        String id = ephemeral("[\"print\",\"hello\",\"oops\"]");
        try (Stream stream = attach(id)) {
            StreamFrame started = stream.next();
            assertThat(started.type()).isEqualTo(StreamFrame.Type.STARTED);
            assertThat(started.text()).contains("\"exec_id\":\"main\"", "\"pid\":42");
            String all = "";
            StreamFrame frame = stream.next();
            for (; frame.type() != StreamFrame.Type.EXIT; frame = stream.next()) {
                all += frame.type() + ":" + frame.text();
            }
            assertThat(all).contains("STDOUT:hello\n", "STDERR:oops\n");
            assertThat(frame.value(ProcessExit.class)).isEqualTo(ProcessExit.of(0));
            assertThat(stream.connection.in.read()).isEqualTo(-1);
        }
        awaitNoInstance();
    }

    @Test
    void runIsOneRequest() throws IOException {
        try (Stream stream = new Stream(
                http.upgrade("/v1/instances", "{\"command\":[\"print\",\"hello\",\"oops\"],\"ephemeral\":true}"))) {
            var frames = new EnumMap<StreamFrame.Type, String>(StreamFrame.Type.class);
            do {
                StreamFrame frame = stream.next();
                frames.merge(frame.type(), frame.text(), String::concat);
            } while (!frames.containsKey(StreamFrame.Type.EXIT));
            assertThat(frames.get(StreamFrame.Type.CREATED)).contains("\"ephemeral\":true", "\"id\":\"inst-");
            assertThat(frames)
                    .containsEntry(StreamFrame.Type.STDOUT, "hello\n")
                    .containsEntry(StreamFrame.Type.STDERR, "oops\n")
                    .containsKey(StreamFrame.Type.STARTED);
        }
        awaitNoInstance();
    }

    @Test
    void theConnectionOfARunOwnsItsInstanceHoweverLongItsCommand() throws IOException {
        daemon.vmm.holdBack(new CompletableFuture<>());
        String body = "{\"command\":[\"sleep\",\"" + "x".repeat(StreamFrame.MAX_PAYLOAD) + "\"],\"ephemeral\":true}";
        try (Stream stream = new Stream(http.upgrade("/v1/instances", body))) {
            String id = stream.next().value(InstanceView.class).id();
            assertThat(http.upgrade("/v1/instances/" + id + "/attach", "").status())
                    .isEqualTo(409);
        }
        daemon.vmm.release();
        awaitNoInstance();
    }

    @Test
    void aClientThatAttachesWhileTheHostIsShortOfMemoryIsTold() throws IOException {
        String id = ephemeral("[\"sleep\"]");
        daemon.availableMb = 1;
        try (Stream stream = attach(id)) {
            assertThat(stream.next().value(ApiError.class).code()).isEqualTo("host_memory_low");
        }
        awaitNoInstance();
    }

    @Test
    void aRunThatIsRefusedSaysWhyAndLeavesNothing() throws IOException {
        running("box");
        try (Stream stream = new Stream(
                http.upgrade("/v1/instances", "{\"command\":[\"sleep\"],\"ephemeral\":true,\"handle\":\"box\"}"))) {
            assertThat(stream.next().value(ApiError.class).code()).isEqualTo("handle_in_use");
        }
        try (Http.Connection stays = http.upgrade("/v1/instances", "{\"command\":[\"sleep\"]}")) {
            assertThat(stays.status()).isEqualTo(400);
        }
        assertThat(http.get("/v1/instances").body()).containsOnlyOnce("\"id\"");
    }

    @Test
    void anEphemeralInstanceBootsForNobodyButItsClient() throws IOException {
        String id = ephemeral("[\"sleep\"]");
        assertThat(http.get("/v1/instances/" + id).body()).contains("\"state\":\"starting\"");
        assertThat(http.post("/v1/instances/" + id + "/start", "").status()).isEqualTo(409);
        assertThat(http.post("/v1/instances/" + id + "/exec", "{\"command\":[\"env\"]}")
                        .status())
                .isEqualTo(409);
        assertThat(daemon.vmm.all()).isEmpty();
        assertThat(http.delete("/v1/instances/" + id).status()).isEqualTo(200);
        awaitNoInstance();
    }

    @Test
    void aClientThatLeavesEndsItsInstance() throws IOException {
        String id = ephemeral("[\"sleep\"]");
        try (Stream stream = attach(id)) {
            assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
            assertThat(http.upgrade("/v1/instances/" + id + "/attach", "").status())
                    .isEqualTo(409);
        }
        awaitNoInstance();
    }

    @Test
    void aClientThatLeavesIsNoticedThoughItsProcessDoesNotRead() throws Exception {
        Stream stream = attach(ephemeral("[\"deaf\"]"));
        assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
        CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
            try {
                stream.stdin(new byte[8 * 1024 * 1024]);
            } catch (IOException closed) {
                // As it should be.
            }
        });
        await().pollDelay(Duration.ofMillis(500)).until(() -> !writing.isDone());
        stream.close();
        awaitNoInstance();
    }

    @Test
    void bytesGoThroughUnchanged() throws IOException {
        byte[] bytes = new byte[3 * 1024 * 1024];
        new Random(1).nextBytes(bytes);
        try (Stream stream = attach(ephemeral("[\"cat\"]"))) {
            CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                try {
                    stream.stdin(bytes);
                    stream.send(StreamFrame.stdinEnd());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            });
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            for (StreamFrame frame = stream.next(); frame.type() != StreamFrame.Type.EXIT; frame = stream.next()) {
                if (frame.type() == StreamFrame.Type.STDOUT) {
                    got.write(frame.payload());
                }
            }
            writing.join();
            assertThat(got.toByteArray()).isEqualTo(bytes);
        }
    }

    @Test
    void signalsAreForwarded() throws IOException {
        try (Stream stream = attach(ephemeral("[\"sleep\"]"))) {
            assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
            stream.send(StreamFrame.signal(2));
            assertThat(stream.next().value(ProcessExit.class)).isEqualTo(new ProcessExit(130, 2, null, null));
        }
    }

    @Test
    void memoryThatRanOutIsSaid() throws IOException {
        try (Stream stream = attach(ephemeral("[\"oom\"]"))) {
            assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
            assertThat(stream.next().text()).contains("out of memory");
            assertThat(stream.next().value(ProcessExit.class)).isEqualTo(new ProcessExit(137, 9, true, null));
        }
    }

    @Test
    void aCommandThatIsMissingIs127() throws IOException {
        try (Stream stream = attach(ephemeral("[\"missing\"]"))) {
            StreamFrame error = stream.next();
            assertThat(error.type()).isEqualTo(StreamFrame.Type.ERROR);
            assertThat(error.value(ApiError.class))
                    .isEqualTo(new ApiError("command not found: missing", "command_not_found", null, 127, null));
        }
        awaitNoInstance();
    }

    @Test
    void aVmThatDiesIsAnError() throws IOException {
        try (Stream stream = attach(ephemeral("[\"sleep\"]"))) {
            assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
            daemon.vmm.last().kill();
            ApiError error = stream.next().value(ApiError.class);
            assertThat(error.error()).contains("signal 9");
            assertThat(error.exitCode()).isEqualTo(125);
        }
        awaitNoInstance();
    }

    @Test
    void onlyEphemeralOnesAreAttached() throws IOException {
        running("box");
        try (Http.Connection refused = http.upgrade("/v1/instances/box/attach", "")) {
            assertThat(refused.status()).isEqualTo(409);
        }
        assertThat(http.post("/v1/instances/box/attach", "").status()).isEqualTo(400);
    }

    @Test
    void execByteForByte() throws IOException {
        running("box");
        try (Stream stream = new Stream(
                http.upgrade("/v1/instances/box/exec", "{\"command\":[\"env\",\"A\"],\"env\":{\"A\":\"2\"}}"))) {
            assertThat(stream.next().text()).contains("\"exec_id\":\"exec-");
            assertThat(stream.next().text()).isEqualTo("2\n");
            assertThat(stream.next().value(ProcessExit.class).exitCode()).isZero();
        }
        try (Stream stream = new Stream(http.upgrade("/v1/instances/box/exec", "{\"command\":[\"broken\"]}"))) {
            assertThat(stream.next().value(ApiError.class).exitCode()).isEqualTo(126);
        }
    }

    @Test
    void execLineByLine() throws IOException {
        running("box");
        String lines = http.post("/v1/instances/box/exec", "{\"command\":[\"env\",\"A\"]}")
                .body();
        assertThat(lines.lines().toList())
                .hasSize(3)
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"exec_id\":\"exec-", "\"started_at\":\""),
                        entry ->
                                assertThat(entry).contains("\"line\":\"1\",\"source\":\"exec\"", "\"exec_id\":\"exec-"),
                        last -> assertThat(last).contains("\"exit_code\":0,\"done\":true"));
        assertThat(http.post("/v1/instances/box/exec", "{\"command\":[\"missing\"]}")
                        .body())
                .contains("\"exit_code\":127,\"done\":true,\"error\":\"command not found: missing\"");
        assertThat(http.post("/v1/instances/box/exec", "{\"command\":[]}").status())
                .isEqualTo(400);
        assertThat(http.post("/v1/instances/box/exec", "{\"command\":[\"a\"],\"tty2\":1}")
                        .body())
                .contains("tty2");
    }

    @Test
    void anExecIsKilledWhenItsClientLeaves() throws IOException {
        running("box");
        Stream stream = new Stream(http.upgrade("/v1/instances/box/exec", "{\"command\":[\"sleep\"]}"));
        assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
        stream.close();
        await().untilAsserted(() ->
                assertThat(daemon.vmm.last().guest().calls("kill")).isEqualTo(1));
        Http.Connection lines = http.open("POST", "/v1/instances/box/exec", "{\"command\":[\"sleep\"]}", "");
        assertThat(lines.chunk()).contains("exec_id");
        lines.close();
        await().untilAsserted(() ->
                assertThat(daemon.vmm.last().guest().calls("kill")).isEqualTo(2));
    }

    @Test
    void aSlowReaderHoldsItsProcessBackAndLosesNothing() throws Exception {
        int size = 20_000_000;
        try (Stream stream = attach(ephemeral("[\"flood\",\"" + size + "\"]"))) {
            assertThat(stream.next().type()).isEqualTo(StreamFrame.Type.STARTED);
            await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            long got = 0;
            for (StreamFrame frame = stream.next(); frame.type() != StreamFrame.Type.EXIT; frame = stream.next()) {
                got += frame.payload().length;
            }
            assertThat(got).isEqualTo(size);
        }
    }

    @Test
    void aFollowerSeesEveryLineAndHoldsNobodyBack() throws IOException {
        http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        await().untilAsserted(
                        () -> assertThat(http.get("/v1/instances/box").body()).contains("running"));
        try (Http.Connection follower = http.open("GET", "/v1/instances/box/logs?follow=1", "", "")) {
            String lines = http.post("/v1/instances/box/exec", "{\"command\":[\"flood\",\"3000000\"]}")
                    .body();
            assertThat(lines.lines().count()).isEqualTo(30_002);
            int seen = 0;
            while (seen < 30_000) {
                seen += (int) follower.chunk().chars().filter(c -> c == '\n').count();
            }
            http.delete("/v1/instances/box");
            assertThat(follower.rest()).isEmpty();
        }
    }

    @Test
    void utf8IsWhatItWas() throws IOException {
        running("box");
        String odd = "ä€😀";
        String body = "{\"command\":[\"print\",\"" + odd + "\"]}";
        assertThat(http.post(
                                "/v1/instances/box/exec",
                                new String(body.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8))
                        .body())
                .contains("\"line\":\"" + odd + "\"");
    }
}
