package dev.aegisvm.daemon.router;

import static dev.aegisvm.daemon.router.RoutedServers.digest;
import static dev.aegisvm.daemon.router.RoutedServers.get;
import static dev.aegisvm.daemon.router.RoutedServers.reply;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable.Route;
import dev.aegisvm.daemon.router.RoutedServers.Reply;
import dev.aegisvm.daemon.router.RoutedServers.RouterState;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the HTTP router passes on, and to whom. */
class HttpRouterTest {
    private static final int MEGABYTE = 1 << 20;

    private final RoutedServers servers = new RoutedServers(Clients.of(OptionalLong.empty()));

    @AfterEach
    void close() {
        servers.close();
    }

    @Test
    void aConnectionMayAskForAnotherInstanceEachTime() throws Exception {
        try (Socket socket = servers.connect()) {
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
        assertThat(servers.send(get("/who", "")).body()).isEqualTo("one");
    }

    @Test
    void headersOfOneConnectionStayOnIt() throws Exception {
        Reply reply = servers.send(get(
                "/headers",
                "Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nTE: trailers\r\nX-End: 2\r\nX-Aegis-Instance: one\r\n"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.body())
                .contains("host=localhost:8099\n", "x-end=2\n")
                .doesNotContain("x-hop", "te=", "x-aegis-instance", "keep-alive");
        servers.raw("HTTP/1.1 200 OK\r\nConnection: close, X-Private\r\nX-Private: 1\r\nKeep-Alive: timeout=5\r\n"
                + "X-Aegis-Wake-Ms: 7\r\nX-End: 2\r\nContent-Length: 3\r\n\r\nraw");
        Reply raw = servers.send(get("/", "X-Aegis-Instance: raw\r\n"));
        assertThat(raw.body()).isEqualTo("raw");
        assertThat(raw.head())
                .containsIgnoringCase("x-end: 2")
                .doesNotContainIgnoringCase("connection", "x-private", "keep-alive", "wake-ms");
    }

    @Test
    void whoHadToWaitIsToldHowLong() throws Exception {
        assertThat(servers.send(get("/who", "X-Aegis-Instance: two\r\n")).head())
                .containsPattern("(?i)x-aegis-wake-ms: \\d+\r\n");
        assertThat(servers.send(get("/who", "X-Aegis-Instance: two\r\n")).head())
                .doesNotContainIgnoringCase("x-aegis-wake-ms");
    }

    @Test
    void oneThatCannotWakeIsUnavailable() throws Exception {
        servers.sleeping.failsToWake();
        Reply reply = servers.send(get("/who", "X-Aegis-Instance: two\r\n"));
        assertThat(reply.status()).isEqualTo(503);
        assertThat(reply.head()).containsIgnoringCase("retry-after: 3");
        assertThat(reply.body()).contains("it did not start");
        assertThat(servers.sleeping.logged()).anyMatch(line -> line.contains("it did not start"));
        assertThat(servers.sleeping.connections().open()).isZero();
    }

    @Test
    void largeBodiesArriveWhole() throws Exception {
        byte[] body = new byte[24 * MEGABYTE];
        new Random(3).nextBytes(body);
        try (Socket socket = servers.connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(("POST /digest HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
                            + body.length + "\r\n\r\n")
                    .getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).status()).isEqualTo(100);
            out.write(body);
            assertThat(reply(in).body()).isEqualTo(digest(body));
        }
        try (Socket socket = servers.connect()) {
            socket.getOutputStream()
                    .write(get("/large", "Connection: close\r\n").getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).head()).containsIgnoringCase("transfer-encoding: chunked");
            assertThat(in.readAllBytes().length).isGreaterThan(16 * MEGABYTE);
        }
    }

    @Test
    void anAnswerWithoutABodyHasNone() throws Exception {
        try (Socket socket = servers.connect()) {
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
        WebSocketClient client = servers.vertx.createWebSocketClient();
        CompletableFuture<String> echoed = new CompletableFuture<>();
        var socket = client.connect(new WebSocketConnectOptions()
                        .setHost("127.0.0.1")
                        .setPort(servers.port)
                        .setURI("/ws")
                        .setHeaders(io.vertx.core.MultiMap.caseInsensitiveMultiMap()
                                .addAll(Map.of("X-Aegis-Instance", "two"))))
                .toCompletionStage()
                .toCompletableFuture()
                .get();
        socket.handler(bytes -> echoed.complete(bytes.toString()));
        socket.writeTextMessage("over the wall");
        assertThat(echoed.get(RoutedServers.READ_LIMIT_MS, TimeUnit.MILLISECONDS))
                .isEqualTo("over the wall");
        socket.close().toCompletionStage().toCompletableFuture().get();
    }

    @Test
    void aPortThatIsTakenIsNoFailureAndIsTakenWhenItIsFree() throws Exception {
        RouterState state = new RouterState();
        try (HttpRouter second = new HttpRouter(
                servers.vertx,
                Clients.of(OptionalLong.empty()),
                AwakeInstance.share(),
                name -> new Route(servers.awake, 1))) {
            int taken;
            try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
                taken = stranger.getLocalPort();
                second.listen(taken, state);
                assertThat(state.address).isNotDone();
                assertThat(state.obstacle)
                        .isCompletedWithValueMatching(sentence -> sentence.contains("port " + taken + " (")
                                && sentence.contains("Address already in use"));
            }
            assertThat(state.address.get(RoutedServers.READ_LIMIT_MS, TimeUnit.MILLISECONDS))
                    .isEqualTo("127.0.0.1:" + taken);
        }
    }

    /** A client that takes localhost for ::1 would talk to the stranger. */
    @Test
    void aStrangerOnTheOtherAddressOfTheLoopbackKeepsItFromBoth() throws Exception {
        RouterState state = new RouterState();
        try (HttpRouter second = new HttpRouter(
                servers.vertx,
                Clients.of(OptionalLong.empty()),
                AwakeInstance.share(),
                name -> new Route(servers.awake, 1))) {
            int taken;
            try (ServerSocket stranger =
                    new ServerSocket(0, 1, Listener.loopback().getLast())) {
                taken = stranger.getLocalPort();
                second.listen(taken, state);
                assertThat(state.obstacle).isDone();
                assertThat(state.address).isNotDone();
            }
            assertThat(state.address.get(RoutedServers.READ_LIMIT_MS, TimeUnit.MILLISECONDS))
                    .isEqualTo("127.0.0.1:" + taken);
            for (InetAddress address : Listener.loopback()) {
                try (Socket client = new Socket(address, taken)) {
                    assertThat(client.isConnected()).isTrue();
                }
            }
        }
    }

    @Test
    void oneThatIsClosedListensNoMore() throws Exception {
        RouterState state = new RouterState();
        HttpRouter second = new HttpRouter(
                servers.vertx,
                Clients.of(OptionalLong.empty()),
                AwakeInstance.share(),
                name -> new Route(servers.awake, 1));
        second.close();
        second.listen(0, state);
        assertThat(state.address).isNotDone();
    }
}
