package dev.aegisvm.daemon.router;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.daemon.http.ApiServer;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable.Route;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The HTTP router between raw sockets and two servers that stand for instances. */
class HttpRouterTest {
    private static final int READ_LIMIT_MS = 20_000;
    private static final int MEGABYTE = 1 << 20;

    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final String RAW =
            "HTTP/1.1 200 OK\r\nConnection: close, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\n"
                    + "X-Aegis-Wake-Ms: 7\r\nX-End: 2\r\nContent-Length: 3\r\n\r\nraw";

    private final Vertx vertx = ApiServer.newVertx();
    private final AwakeInstance awake = new AwakeInstance();
    private final AwakeInstance sleeping = new AwakeInstance();
    private HttpRouter router;
    private int port;
    private volatile String rawAnswer = RAW;

    @BeforeEach
    void open() {
        sleeping.sleeps();
        int one = server("one");
        int two = server("two");
        router = new HttpRouter(vertx, Clients.of(OptionalLong.empty()), name -> route(name, one, two));
        port = listening(router);
    }

    private static int listening(HttpRouter router) {
        RouterState state = new RouterState();
        router.listen(0, state);
        return portOf(state.address.join());
    }

    @AfterEach
    void close() {
        router.close();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Route route(Optional<String> name, int one, int two) {
        return switch (name.orElse("one")) {
            case "one" -> new Route(awake, one);
            case "two" -> new Route(sleeping, two);
            case "raw" -> new Route(awake, rawServer(rawAnswer));
            case "bug" -> throw new NoClassDefFoundError("dev/aegisvm/Replaced");
            default -> throw new ApiException(ErrorCode.NOT_FOUND, "there is no instance '" + name.orElse("") + "'");
        };
    }

    private static int portOf(String address) {
        assertThat(address).startsWith("127.0.0.1:");
        return Integer.parseInt(address.substring(address.indexOf(':') + 1));
    }

    private int server(String name) {
        HttpServer server = vertx.createHttpServer(new HttpServerOptions())
                .webSocketHandler(socket -> socket.handler(socket::write))
                .requestHandler(request -> serve(name, request));
        return server.listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .actualPort();
    }

    private static void serve(String name, HttpServerRequest request) {
        switch (request.path()) {
            case "/headers" -> {
                StringBuilder seen = new StringBuilder(name).append('\n');
                request.headers()
                        .forEach((key, value) -> seen.append(key.toLowerCase(java.util.Locale.ROOT))
                                .append('=')
                                .append(value)
                                .append('\n'));
                request.response().end(seen.toString());
            }
            case "/digest" ->
                request.body().onSuccess(body -> request.response().end(digest(body.getBytes())));
            case "/slow" -> {
                var _ = Vertx.currentContext()
                        .owner()
                        .setTimer(
                                PATIENCE.multipliedBy(3).toMillis(),
                                now -> request.response().end(name));
            }
            case "/nothing" -> request.response().setStatusCode(204).end();
            case "/large" -> {
                request.response().setChunked(true);
                for (int i = 0; i < 16; i++) {
                    request.response().write(Buffer.buffer(new byte[MEGABYTE]));
                }
                request.response().end();
            }
            default -> request.response().setStatusCode(404).end(name);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** An answer as it came over the wire. */
    private record Reply(String head, String body) {
        int status() {
            return Integer.parseInt(head.substring(9, 12));
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(READ_LIMIT_MS);
        return socket;
    }

    private static Reply reply(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended after: " + head);
            }
            head.append((char) next);
        }
        String lower = head.toString().toLowerCase(java.util.Locale.ROOT);
        int at = lower.indexOf("content-length: ");
        int length = at < 0 ? 0 : Integer.parseInt(lower.substring(at + 16, lower.indexOf('\r', at)));
        return new Reply(head.toString(), new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    private Reply send(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return reply(new BufferedInputStream(socket.getInputStream()));
        }
    }

    private static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost:8099\r\n" + headers + "\r\n";
    }

    @Test
    void aConnectionMayAskForAnotherInstanceEachTime() throws Exception {
        try (Socket socket = connect()) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (String name : new String[] {"one", "two", "nobody", "two", "one"}) {
                out.write(get("/who", "X-Aegis-Instance: " + name + "\r\n").getBytes(StandardCharsets.UTF_8));
                Reply reply = reply(in);
                if (name.equals("nobody")) {
                    assertThat(reply.status()).isEqualTo(503);
                    assertThat(reply.head().toLowerCase(java.util.Locale.ROOT)).contains("retry-after: 3\r\n");
                    assertThat(reply.body()).contains("there is no instance 'nobody'");
                } else {
                    assertThat(reply.status()).isEqualTo(404);
                    assertThat(reply.body()).isEqualTo(name);
                }
            }
        }
        assertThat(send(get("/who", "")).body()).isEqualTo("one");
    }

    @Test
    void headersOfOneConnectionStayOnIt() throws Exception {
        Reply reply = send(get(
                "/headers",
                "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nX-End: 2\r\nX-Aegis-Instance: one\r\n"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body())
                .contains("host=localhost:8099\n", "x-end=2\n")
                .doesNotContain("x-hop", "te=", "x-aegis-instance", "keep-alive");
        Reply raw = send(get("/", "X-Aegis-Instance: raw\r\n"));
        assertThat(raw.body()).isEqualTo("raw");
        assertThat(raw.head())
                .containsIgnoringCase("x-end: 2")
                .doesNotContainIgnoringCase("connection", "x-private", "keep-alive", "wake-ms");
    }

    /** A server that says what no decent one would. */
    private static int rawServer(String answer) {
        try {
            ServerSocket server = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            Thread.ofVirtual().start(() -> {
                try (server;
                        Socket client = server.accept()) {
                    client.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8));
                    client.getInputStream().readAllBytes();
                } catch (IOException gone) {
                    // The test is over.
                }
            });
            return server.getLocalPort();
        } catch (IOException obstacle) {
            throw new java.io.UncheckedIOException(obstacle);
        }
    }

    @Test
    void whoHadToWaitIsToldHowLong() throws Exception {
        assertThat(send(get("/who", "X-Aegis-Instance: two\r\n")).head())
                .containsPattern("(?i)x-aegis-wake-ms: \\d+\r\n");
        assertThat(send(get("/who", "X-Aegis-Instance: two\r\n")).head()).doesNotContainIgnoringCase("x-aegis-wake-ms");
    }

    @Test
    void oneThatCannotWakeIsUnavailable() throws Exception {
        sleeping.failsToWake();
        Reply reply = send(get("/who", "X-Aegis-Instance: two\r\n"));
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.head()).containsIgnoringCase("retry-after: 3");
        assertThat(reply.body()).contains("it did not start");
        assertThat(sleeping.logged()).anyMatch(line -> line.contains("it did not start"));
        assertThat(sleeping.connections().open()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /digest HTTP/1.0\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: cow\r\n\r\nabc",
                "POST /digest HTTP/1.1\r\nHost: localhost\r\nContent-Length : 3\r\n\r\nabc",
                "GET http://elsewhere/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nX-Aegis-Instance: one\r\nX-Aegis-Instance: two\r\n\r\n",
            })
    void whatTwoReadersMayTakeForDifferentThingsIsRefused(String request) throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).status()).isEqualTo(400);
            assertThat(in.read()).as("the connection is closed").isNegative();
        }
    }

    /** Some decoders count in 32 bits, and take the first of these for 3. */
    @ParameterizedTest
    @ValueSource(strings = {"100000003", "10000000", "00000000100000003", " 100000003;x=1", "80000000"})
    void aChunkThatIsTooLargeEndsTheConnection(String size) throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(("POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
                                    + size + "\r\nabc\r\n0\r\n\r\nGET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(untilClosed(socket)).doesNotContain("HTTP/1.1 200", "HTTP/1.1 404");
        }
    }

    private static String untilClosed(Socket socket) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (SocketTimeoutException open) {
            throw open;
        } catch (SocketException reset) {
            // What came before counts.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    @Test
    void chunksArriveWholeHoweverTheyAreCut() throws Exception {
        String body = "3\r\nabc\r\n0000000a;x=1\r\n0123456789\r\n 1\r\n.\r\n0\r\nX-Trailer: 1\r\n\r\n";
        String request = "POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
        byte[] twice = (request + request).getBytes(StandardCharsets.UTF_8);
        for (int piece : new int[] {1, 7, twice.length}) {
            try (Socket socket = connect()) {
                socket.setTcpNoDelay(true);
                for (int at = 0; at < twice.length; at += piece) {
                    socket.getOutputStream().write(twice, at, Math.min(piece, twice.length - at));
                }
                InputStream in = new BufferedInputStream(socket.getInputStream());
                String digest = digest("abc0123456789.".getBytes(StandardCharsets.UTF_8));
                assertThat(reply(in).body()).isEqualTo(digest);
                assertThat(reply(in).body()).isEqualTo(digest);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "99999 Much",
                "600 More",
                "199 Less",
                "-1 None",
                "101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket",
            })
    void anAnswerThatIsNoneIsABadGateway(String line) throws Exception {
        rawAnswer = "HTTP/1.1 " + line + "\r\nX-Guest: 1\r\nContent-Length: 3\r\n\r\nraw";
        Reply reply = send(get("/", "X-Aegis-Instance: raw\r\n"));
        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.head())
                .startsWith("HTTP/1.1 502 Bad Gateway")
                .doesNotContainIgnoringCase("x-guest", "upgrade");
    }

    @Test
    void anUpgradeToSomethingElseThanWasAskedForIsABadGateway() throws Exception {
        rawAnswer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nraw";
        String upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        Reply reply = send(
                get("/", "X-Aegis-Instance: raw\r\n" + upgrade + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"));
        assertThat(reply.status()).isEqualTo(502);
    }

    @Test
    @Timeout(10)
    void aRequestWhoseHandlerDiesIsAnswered() throws Exception {
        Reply reply = send(get("/", "X-Aegis-Instance: bug\r\n"));
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).contains("internal error");
    }

    @Test
    void aCrowdOfHalfRequestsBlocksNobodyAndIsGoneSoon() throws Exception {
        int one = server("one");
        List<Socket> crowd = new ArrayList<>();
        try (HttpRouter small = new HttpRouter(
                vertx, new Clients(new Clients.Limits(50, 1000, PATIENCE)), name -> new Route(awake, one))) {
            port = listening(small);
            try (Socket slow = connect();
                    Socket idle = connect()) {
                slow.getOutputStream().write(get("/slow", "").getBytes(StandardCharsets.UTF_8));
                idle.getOutputStream().write(get("/who", "").getBytes(StandardCharsets.UTF_8));
                assertThat(reply(idle.getInputStream()).body()).isEqualTo("one");
                for (int i = 0; i < 300; i++) {
                    Socket half = connect();
                    crowd.add(half);
                    String head = i % 2 == 0
                            ? "GET / HTTP/1.1\r\nX-Half: "
                            : "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf";
                    half.getOutputStream().write(head.getBytes(StandardCharsets.UTF_8));
                }
                assertThat(send(get("/who", "")).body()).isEqualTo("one");
                for (Socket half : crowd) {
                    assertThat(untilClosed(half)).doesNotContain("HTTP/1.1 200");
                }
                assertThat(untilClosed(idle)).isEmpty();
                assertThat(reply(slow.getInputStream()).body())
                        .as("one that is served")
                        .isEqualTo("one");
            }
        } finally {
            for (Socket half : crowd) {
                half.close();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "localhost, 404",
        "localhost:8099, 404",
        "127.0.0.1:1, 404",
        "[::1]:8099, 404",
        "evil.example, 400",
        "localhost.evil.example:8099, 400",
        "127.0.0.1.evil.example, 400",
        "10.0.0.1, 400",
    })
    void onlyNamesOfTheLoopbackAreOurs(String host, int status) throws Exception {
        assertThat(send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status())
                .isEqualTo(status);
    }

    @Test
    void largeBodiesArriveWhole() throws Exception {
        byte[] body = new byte[24 * MEGABYTE];
        new Random(3).nextBytes(body);
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /digest HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
                            + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).status()).isEqualTo(100);
            out.write(body);
            assertThat(reply(in).body()).isEqualTo(digest(body));
        }
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(get("/large", "Connection: close\r\n").getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).head()).containsIgnoringCase("transfer-encoding: chunked");
            assertThat(in.readAllBytes().length).isGreaterThan(16 * MEGABYTE);
        }
    }

    @Test
    void anAnswerWithoutABodyHasNone() throws Exception {
        try (Socket socket = connect()) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (int i = 0; i < 2; i++) {
                socket.getOutputStream().write(get("/nothing", "").getBytes(StandardCharsets.UTF_8));
                Reply reply = reply(in);
                assertThat(reply.status()).isEqualTo(204);
                assertThat(reply.head()).doesNotContainIgnoringCase("transfer-encoding");
            }
        }
    }

    @Test
    void aWebSocketIsJoined() throws Exception {
        WebSocketClient client = vertx.createWebSocketClient();
        CompletableFuture<String> echoed = new CompletableFuture<>();
        var socket = client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(port)
                        .setURI("/ws")
                        .setHeaders(io.vertx.core.MultiMap.caseInsensitiveMultiMap()
                                .addAll(Map.of("X-Aegis-Instance", "two"))))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        socket.handler(bytes -> echoed.complete(bytes.toString()));
        socket.writeTextMessage("over the wall");
        assertThat(echoed.get(READ_LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("over the wall");
        socket.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void aPortThatIsTakenIsNoFailureAndIsTakenWhenItIsFree() throws Exception {
        RouterState state = new RouterState();
        try (HttpRouter second = new HttpRouter(vertx, Clients.of(OptionalLong.empty()), name -> route(name, 1, 1))) {
            int taken;
            try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                taken = stranger.getLocalPort();
                second.listen(taken, state);
                assertThat(state.address).isNotDone();
                assertThat(state.obstacle)
                        .isCompletedWithValueMatching(sentence -> sentence.contains("127.0.0.1:" + taken));
            }
            assertThat(state.address.get(READ_LIMIT_MS, TimeUnit.MILLISECONDS)).isEqualTo("127.0.0.1:" + taken);
        }
    }

    @Test
    void oneThatIsClosedListensNoMore() throws Exception {
        RouterState state = new RouterState();
        HttpRouter second = new HttpRouter(vertx, Clients.of(OptionalLong.empty()), name -> route(name, 1, 1));
        second.close();
        second.listen(0, state);
        assertThat(state.address).isNotDone();
    }

    private static final class RouterState implements HttpRouter.State {
        private final CompletableFuture<String> address = new CompletableFuture<>();
        private final CompletableFuture<String> obstacle = new CompletableFuture<>();

        @Override
        public void listens(String where) {
            address.complete(where);
        }

        @Override
        public void obstacle(String sentence) {
            obstacle.complete(sentence);
        }
    }
}
