package dev.aegisvm.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.Routes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonClientTest {
    private static final String STATUS = "{\"status\":\"running\",\"backend\":\"qemu\",\"capabilities\":{},"
            + "\"version\":\"0.2.0\",\"pid\":7,\"uptime_ms\":1,\"instances\":0,\"from_the_future\":[1]}";
    private static final String INSTANCE = "{\"id\":\"inst-1\",\"state\":\"starting\",\"enabled\":true,"
            + "\"command\":[\"a\"],\"created_at\":\"2026-01-01T00:00:00Z\"}";

    private static final int STARTS = 20_000;

    @TempDir
    Path directory;

    private Path socket() {
        return directory.resolve("s");
    }

    private static String ok(String body) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    private static byte[] chunk(String text) {
        return (Integer.toHexString(text.getBytes(UTF_8).length) + "\r\n" + text + "\r\n").getBytes(UTF_8);
    }

    private static String refusal(int status, String body) {
        return "HTTP/1.1 " + status + " No\r\ncontent-length: " + body.length() + "\r\n\r\n" + body;
    }

    /** Seldom seen at one start, so there are many: a client that comes while the socket is made finds it, or nobody. */
    @Test
    void aSocketThatAppearsInTheMiddleIsNoMistake() throws Exception {
        CompletableFuture<Void> starts = CompletableFuture.runAsync(this::makeSocketAgainAndAgain);
        while (!starts.isDone()) {
            try {
                UnixHttp.connect(socket(), build -> {}).close();
            } catch (DaemonException.NotRunning none) {
                assertThat(none).hasMessageStartingWith("aegisd is not running");
            }
        }
        starts.join();
    }

    private void makeSocketAgainAndAgain() {
        try {
            for (int i = 0; i < STARTS; i++) {
                try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    server.bind(UnixDomainSocketAddress.of(socket()));
                    // Whoever made it is killed, and the next daemon removes what is left.
                }
                Files.delete(socket());
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void readsAnAnswerOfKnownLengthAndKeepsTheConnection() throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), ok(STATUS));
                DaemonClient client = new DaemonClient(socket())) {
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(client.call(Routes.STATUS).backend()).isEqualTo("qemu");
            assertThat(server.connections).hasValue(1);
            assertThat(server.requests.getFirst()).isEqualTo("GET /v1/status HTTP/1.1\r\nHost: aegisd\r\n\r\n");
        }
    }

    @Test
    void readsChunksHoweverTheyAreCut() throws IOException {
        String chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\n" + STATUS.substring(0, 5)
                + "\r\n" + Integer.toHexString(STATUS.length() - 5) + "\r\n" + STATUS.substring(5)
                + "\r\n0\r\nTrailer: t\r\n\r\n";
        ScriptedServer.Script byteByByte = (_, connection) -> {
            for (int at = 0; at < chunked.length(); at++) {
                ScriptedServer.write(connection, chunked.substring(at, at + 1));
            }
            return true;
        };
        try (ScriptedServer server = new ScriptedServer(socket(), byteByByte);
                DaemonClient client = new DaemonClient(socket())) {
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(server.connections).hasValue(1);
        }
    }

    @Test
    void connectsAgainAfterAnAnswerThatClosesTheConnection() throws IOException {
        ScriptedServer.Script closing = (_, connection) -> {
            ScriptedServer.write(connection, ok(STATUS).replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"));
            return false;
        };
        try (ScriptedServer server = new ScriptedServer(socket(), closing);
                DaemonClient client = new DaemonClient(socket())) {
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(server.connections).hasValue(2);
        }
    }

    /** As when the daemon was restarted since. */
    @Test
    void connectsAgainAfterTheDaemonClosedAConnectionThatWasKept() throws Exception {
        BlockingQueue<SocketChannel> kept = new LinkedBlockingQueue<>();
        ScriptedServer.Script keeping = (_, connection) -> {
            ScriptedServer.write(connection, ok(STATUS));
            return kept.add(connection);
        };
        try (ScriptedServer server = new ScriptedServer(socket(), keeping);
                DaemonClient client = new DaemonClient(socket())) {
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            kept.take().shutdownOutput();
            assertThat(client.call(Routes.STATUS).pid()).isEqualTo(7);
            assertThat(server.connections).hasValue(2);
        }
    }

    @Test
    void sendsARecordAsJson() throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), ok(INSTANCE));
                DaemonClient client = new DaemonClient(socket())) {
            assertThat(client.call(Routes.CREATE.with(CreateInstance.of(List.of("echo", "hi"))))
                            .state())
                    .isEqualTo(InstanceStatus.STARTING);
            assertThat(server.requests.getFirst())
                    .startsWith("POST /v1/instances HTTP/1.1\r\n")
                    .contains("Content-Type: application/json\r\n")
                    .contains("\"command\":[\"echo\",\"hi\"]");
        }
    }

    @Test
    void makesNamesFitForAUrl() throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), ok(INSTANCE));
                DaemonClient client = new DaemonClient(socket())) {
            client.call(Routes.GET, "../a b?ö\r\n");
            assertThat(server.requests.getFirst())
                    .startsWith("GET /v1/instances/..%2Fa%20b%3F%C3%B6%0D%0A HTTP/1.1\r\n");
        }
    }

    @Test
    void passesOnWhatTheDaemonRefuses() throws IOException {
        String body = "{\"error\":\"no instance 'x'\",\"code\":\"not_found\",\"hint\":\"list them\"}";
        try (ScriptedServer server = ScriptedServer.saying(socket(), refusal(404, body));
                DaemonClient client = new DaemonClient(socket())) {
            assertThatThrownBy(() -> client.call(Routes.GET, "x"))
                    .isInstanceOfSatisfying(ApiException.class, refusal -> {
                        assertThat(refusal.status()).isEqualTo(404);
                        assertThat(refusal.error().error()).isEqualTo("no instance 'x'");
                        assertThat(refusal.error().hint()).isEqualTo("list them");
                    });
            assertThatThrownBy(() -> client.stream(Routes.ATTACH.to("x"))).isInstanceOf(ApiException.class);
            assertThatThrownBy(() -> client.lines(Routes.LOGS.to("x"))).isInstanceOf(ApiException.class);
            assertThat(server.connections).hasValue(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<html>", "{}", "[]", "{\"error\":null}"})
    void aRefusalWithoutAReasonIsStillOne(String body) throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), refusal(500, body));
                DaemonClient client = new DaemonClient(socket())) {
            assertThatThrownBy(() -> client.call(Routes.STATUS))
                    .isInstanceOf(ApiException.class)
                    .hasMessageContaining("status 500");
            assertThat(server.requests).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-x\r\n",
                "HTTP/1.1 abc OK\r\n\r\n",
                "HTTP/1.1 200 OK\r\nnocolon\r\n\r\n",
                "HTTP/1.1 200 OK\r\n\r\n{}",
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
            })
    void namesAnAnswerThatIsNoHttp(String answer) throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), answer);
                DaemonClient client = new DaemonClient(socket())) {
            assertThatThrownBy(() -> client.call(Routes.STATUS)).isInstanceOf(DaemonException.class);
            assertThat(server.requests).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 200", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"})
    void namesAnAnswerThatBreaksOff(String answer) throws IOException {
        ScriptedServer.Script script = (_, connection) -> {
            ScriptedServer.write(connection, answer);
            return false;
        };
        try (ScriptedServer server = new ScriptedServer(socket(), script);
                DaemonClient client = new DaemonClient(socket())) {
            assertThatThrownBy(() -> client.call(Routes.STATUS))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("in the middle");
            assertThat(server.requests).hasSize(1);
        }
    }

    @Test
    void tellsThatNothingRuns() throws IOException {
        DaemonClient client = new DaemonClient(socket());
        assertThatThrownBy(() -> client.call(Routes.STATUS)).isInstanceOf(DaemonException.NotRunning.class);
        try (ServerSocketChannel left = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            left.bind(UnixDomainSocketAddress.of(socket()));
        }
        assertThat(socket()).exists();
        assertThatThrownBy(() -> client.call(Routes.STATUS)).isInstanceOf(DaemonException.NotRunning.class);
    }

    @Test
    void namesAPathThatIsTooLong() {
        DaemonClient client = new DaemonClient(directory.resolve("x".repeat(107)));
        assertThatThrownBy(() -> client.call(Routes.STATUS))
                .isInstanceOf(DaemonException.class)
                .hasMessageContaining("AEGIS_HOME");
    }

    @Test
    void readsLinesAsTheyCome() throws IOException {
        String longLine = "{\"line\":\"" + "é".repeat(200_000) + "\"}";
        ScriptedServer.Script script = (_, connection) -> {
            ScriptedServer.write(connection, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            ScriptedServer.write(connection, chunk("{\"a\":1}\n{\"b"));
            ScriptedServer.write(connection, chunk("\":2}\n" + longLine + "\n{\"last\":true}"));
            ScriptedServer.write(connection, chunk(""));
            return true;
        };
        try (ScriptedServer server = new ScriptedServer(socket(), script);
                DaemonClient client = new DaemonClient(socket());
                JsonLines lines = client.lines(Routes.LOGS
                        .to("box")
                        .query("follow", "true")
                        .query("tail", 5)
                        .query("since", "10m"))) {
            assertThat(lines.next()).isEqualTo("{\"a\":1}".getBytes(UTF_8));
            assertThat(lines.next()).isEqualTo("{\"b\":2}".getBytes(UTF_8));
            assertThat(lines.next()).isEqualTo(longLine.getBytes(UTF_8));
            assertThat(lines.next()).isEqualTo("{\"last\":true}".getBytes(UTF_8));
            assertThat(lines.next()).isNull();
            assertThat(server.requests.getFirst())
                    .startsWith("GET /v1/instances/box/logs?follow=true&tail=5&since=10m HTTP/1.1\r\n");
        }
    }

    @Test
    void readsEvents() throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(socket(), ok("{\"ts\":1}\n"));
                DaemonClient client = new DaemonClient(socket());
                JsonLines remembered = client.lines(Routes.EVENTS.to());
                JsonLines followed = client.lines(Routes.EVENTS.to().query("follow", "true"))) {
            assertThat(remembered.next()).isEqualTo("{\"ts\":1}".getBytes(UTF_8));
            assertThat(remembered.next()).isNull();
            assertThat(followed.next()).isEqualTo("{\"ts\":1}".getBytes(UTF_8));
            assertThat(server.requests.get(0)).startsWith("GET /v1/events HTTP/1.1\r\n");
            assertThat(server.requests.get(1)).startsWith("GET /v1/events?follow=true HTTP/1.1\r\n");
        }
    }
}
