package dev.aegisvm.daemon.router;

import static dev.aegisvm.daemon.router.RoutedServers.digest;
import static dev.aegisvm.daemon.router.RoutedServers.get;
import static dev.aegisvm.daemon.router.RoutedServers.reply;
import static dev.aegisvm.daemon.router.RoutedServers.untilClosed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.router.RoutedServers.Reply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers that the HTTP router does not pass on, and clients that ask for nothing. */
class StrictRouterTest {
    private final RoutedServers servers = new RoutedServers(Clients.of(OptionalLong.empty()));

    @AfterEach
    void close() {
        servers.close();
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
        try (Socket socket = servers.connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            assertThat(reply(in).status()).isEqualTo(400);
            assertThat(in.read()).as("the connection is closed").isNegative();
        }
    }

    /** Some decoders count in 32 bits, and take the first of these for 3. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\r\n100000003",
                "\r\n10000000",
                "\r\n00000000100000003",
                "\r\n 100000003;x=1",
                "\r\n80000000",
                "\r\n\u0001100000003",
                "\n100000003",
                "xx\r\n100000003",
            })
    void aChunkThatIsTooLargeEndsTheConnection(String size) throws Exception {
        try (Socket socket = servers.connect()) {
            socket.getOutputStream()
                    .write(("POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc"
                                    + size + "\r\nabc\r\n0\r\n\r\nGET /who HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(untilClosed(socket)).doesNotContain("HTTP/1.1 200", "HTTP/1.1 404");
        }
    }

    @Test
    void chunksArriveWholeHoweverTheyAreCut() throws Exception {
        String body = "3\r\nabc\r\n0000000a;x=1\r\n0123456789\r\n 1\r\n.\r\n0\r\nX-Trailer: 1\r\n\r\n";
        String request = "POST /digest HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
        byte[] twice = (request + request).getBytes(StandardCharsets.UTF_8);
        for (int piece : new int[] {1, 7, twice.length}) {
            try (Socket socket = servers.connect()) {
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
        servers.raw("HTTP/1.1 " + line + "\r\nX-Guest: 1\r\nContent-Length: 3\r\n\r\nraw");
        Reply reply = servers.send(get("/", "X-Aegis-Instance: raw\r\n"));
        assertThat(reply.status()).isEqualTo(502);
        assertThat(reply.head())
                .startsWith("HTTP/1.1 502 Bad Gateway")
                .doesNotContainIgnoringCase("x-guest", "upgrade");
    }

    @Test
    void anUpgradeToSomethingElseThanWasAskedForIsABadGateway() throws Exception {
        servers.raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nraw");
        String upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        Reply reply = servers.send(
                get("/", "X-Aegis-Instance: raw\r\n" + upgrade + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"));
        assertThat(reply.status()).isEqualTo(502);
    }

    /** The guest's server would wait for the rest, and the instance would stay awake for it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "Connection: Upgrade\r\nUpgrade: websocket\r\n"})
    void aClientThatLeavesAmidItsRequestTakesItAlong(String headers) throws Exception {
        String half = "GET / HTTP/1.1\r\nHost: localhost\r\n" + headers + "Content-Length: 9\r\n\r\nhalf";
        FuzzedRouter.Only.ROUTER.leave(half.getBytes(StandardCharsets.UTF_8));
    }

    /** Its connection ends while the request before it is on its way. */
    @Test
    void whatFollowsARequestAndIsNoneTakesItAlong() throws Exception {
        String chunked = "Transfer-Encoding: chunked\r\n\r\n4000000000000001\r\nhello\r\n0\r\n\r\n";
        byte[] both = ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n5\r/ HTTP/1.1\r\nHost: localhost\r\n" + chunked)
                .getBytes(StandardCharsets.UTF_8);
        byte[] ok =
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 50; i++) {
            FuzzedRouter.check(FuzzedRouter.Only.ROUTER.exchange(both, ok, true));
        }
    }

    @Test
    void aRequestWhoseHandlerDiesIsAnswered() throws Exception {
        Reply reply = servers.send(get("/", "X-Aegis-Instance: bug\r\n"));
        assertThat(reply.status()).isEqualTo(500);
        assertThat(reply.body()).contains("internal error");
    }

    @Test
    void aCrowdOfHalfRequestsBlocksNobodyAndIsGoneSoon() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (RoutedServers small =
                        new RoutedServers(new Clients(new Clients.Limits(50, 2, 1000, RoutedServers.PATIENCE)));
                Socket slow = small.connect();
                Socket idle = small.connect()) {
            slow.getOutputStream().write(get("/slow", "").getBytes(StandardCharsets.UTF_8));
            idle.getOutputStream().write(get("/who", "").getBytes(StandardCharsets.UTF_8));
            assertThat(reply(idle.getInputStream()).body()).isEqualTo("one");
            for (int i = 0; i < 300; i++) {
                Socket half = small.connect();
                crowd.add(half);
                String sent = switch (i % 3) {
                    case 0 -> "GET / HTTP/1.1\r\nX-Half: ";
                    case 1 -> "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf";
                    default -> get("/", "X-Aegis-Instance: nobody\r\n");
                };
                half.getOutputStream().write(sent.getBytes(StandardCharsets.UTF_8));
            }
            assertThat(small.send(get("/who", "")).body()).isEqualTo("one");
            for (Socket half : crowd) {
                assertThat(untilClosed(half)).doesNotContain("HTTP/1.1 200");
            }
            assertThat(untilClosed(idle)).isEmpty();
            assertThat(reply(slow.getInputStream()).body())
                    .as("one that is served")
                    .isEqualTo("one");
        } finally {
            for (Socket half : crowd) {
                half.close();
            }
        }
    }

    private static boolean isAnsweredOrClosed(Socket client) {
        try {
            client.setSoTimeout(1);
            client.getInputStream().read();
            return true;
        } catch (SocketTimeoutException open) {
            return false;
        } catch (IOException reset) {
            return true;
        }
    }

    /** A head of many short lines takes a hundred times its size. */
    @Test
    void headsThatNeverEndHoldTheirPartOfTheBudget() throws Exception {
        ForeignBudget budget = new ForeignBudget(new ForeignBudget.Cost(16 << 20, 1000));
        byte[] head = ("GET / HTTP/1.1\r\n" + "a:b\r\n".repeat(10_000)).getBytes(StandardCharsets.UTF_8);
        List<Socket> crowd = new ArrayList<>();
        Clients clients = new Clients(new Clients.Limits(100, 2, 1000, Duration.ofMinutes(1)));
        try (RoutedServers small = new RoutedServers(clients, budget.share())) {
            for (int i = 0; i < 40; i++) {
                Socket client = small.connect();
                crowd.add(client);
                client.getOutputStream().write(head);
            }
            // Which of them are refused depends on the order in which their bytes are read.
            Socket refused = await().until(
                            () -> crowd.stream()
                                    .filter(StrictRouterTest::isAnsweredOrClosed)
                                    .findFirst(),
                            Optional::isPresent)
                    .orElseThrow();
            refused.setSoTimeout(20_000);
            assertThat(untilClosed(refused)).doesNotContain("200 OK");
            assertThat(budget.used().bytes()).isBetween(1L << 20, budget.all().bytes());
            assertThat(small.send(get("/who", "")).body()).isEqualTo("one");
            for (Socket client : crowd) {
                client.close();
            }
            await().until(() -> budget.used().equals(ForeignBudget.Cost.NONE));
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
        assertThat(servers.send("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status())
                .isEqualTo(status);
    }

    private static final String UPGRADE = "Connection: Upgrade|Upgrade: websocket|Sec-WebSocket-Version: 13|"
            + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==|";
    private static final String TOP = "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: navigate";

    private Reply asked(String method, String headers) throws IOException {
        String lines = headers.replace("|", "\r\n") + "\r\n";
        return servers.send(method + " /who HTTP/1.1\r\nHost: localhost:8099\r\n" + lines + "\r\n");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, Origin: https://evil.example",
        "POST, Origin: https://evil.example",
        "GET, Origin: null",
        "GET, Origin: https://localhost.evil.example",
        "GET, Origin: https://evil.example:8099",
        "GET, Origin: http://localhost:8099|Origin: https://evil.example",
        "GET, Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: no-cors|Sec-Fetch-Dest: image",
        "OPTIONS, Origin: https://evil.example|Access-Control-Request-Method: PUT",
        "GET, " + UPGRADE + "Origin: https://evil.example",
        "GET, " + UPGRADE + "Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: websocket",
        "POST, " + TOP + "|Origin: https://evil.example",
        "POST, " + TOP,
        "GET, " + TOP + "|Sec-Fetch-Dest: iframe",
    })
    void aPageOfAnotherSiteIsRefused(String method, String headers) throws Exception {
        Reply reply = asked(method, headers);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.body()).contains("web pages of other sites");
        assertThat(reply.head()).doesNotContainIgnoringCase("access-control");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, " + TOP,
        "GET, " + TOP + "|Sec-Fetch-Dest: document|Sec-Fetch-User: ?1",
        "POST, Origin: http://localhost:8099",
        "POST, Origin: http://localhost:3000|Sec-Fetch-Site: same-site|Sec-Fetch-Mode: cors",
        "POST, Origin: http://127.0.0.1:3000|Sec-Fetch-Site: cross-site|Sec-Fetch-Mode: cors",
        "OPTIONS, Origin: https://[::1]:3000|Access-Control-Request-Method: PUT",
        "GET, Sec-Fetch-Site: none",
        "GET, Sec-Fetch-Site: same-origin",
    })
    void aPageOfThisHostAndALinkAreServed(String method, String headers) throws Exception {
        assertThat(asked(method, headers).body()).isEqualTo("one");
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:3000, 101", "https://evil.example, 400"})
    void aWebSocketIsForPagesOfThisHost(String origin, int status) throws Exception {
        assertThat(asked("GET", UPGRADE + "Origin: " + origin).status()).isEqualTo(status);
    }
}
