package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.gateway.dial.HttpBody;
import dev.aegisvm.gateway.intercept.Intercepted.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real clients and a real server of TLS, and what comes of a secret between them. */
@Timeout(60)
class InterceptionTest {
    private static final String OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    private static final String LAST = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

    @TempDir
    Path directory;

    /** The heads that the server got. */
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private volatile TlsServer.Service service = this::answer;
    private TlsServer server;
    private Intercepted instance;

    @BeforeEach
    void open() throws Exception {
        server = new TlsServer(directory, Intercepted.HOST, client -> service.serve(client));
        instance = new Intercepted(directory, server);
    }

    @AfterEach
    void close() throws Exception {
        instance.close();
        server.close();
    }

    /** Each request without a body; the connection stays. */
    private void answer(SSLSocket client) throws IOException {
        for (String head = head(client); !head.isEmpty(); head = head(client)) {
            seen.add(head);
            Intercepted.send(client, OK);
        }
    }

    private static String head(SSLSocket from) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = from.getInputStream().read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private String get(String header) {
        return "GET /a?b HTTP/1.1\r\nHost: api.test\r\n" + header + "\r\n\r\n";
    }

    private String withKey() {
        return get("X-Api-Key: " + instance.key.placeholder());
    }

    private SSLSocket client(Connection connection) throws IOException {
        return instance.tls(connection, Intercepted.HOST, "h2", "http/1.1");
    }

    private static String read(SSLSocket from, int count) throws IOException {
        return new String(from.getInputStream().readNBytes(count), StandardCharsets.ISO_8859_1);
    }

    @Test
    void theServerGetsTheValueAndTheClientAnAnswer() throws Exception {
        Connection connection = instance.connect();
        SSLSocket client = client(connection);
        Intercepted.send(client, withKey());
        assertThat(read(client, OK.length())).isEqualTo(OK);
        assertThat(client.getApplicationProtocol()).isEqualTo("http/1.1");
        assertThat(seen.take()).isEqualTo("GET /a?b HTTP/1.1\r\nHost: api.test\r\nX-Api-Key: value-9f3a77c1\r\n\r\n");
        client.close();
        assertThat(connection.refusal()).isEmpty();
    }

    @Test
    void aChangedValueCountsAtTheNextRequestAndADeletedOneIsRefused() throws Exception {
        Connection connection = instance.connect();
        SSLSocket client = client(connection);
        for (String value : List.of("first-value", "second-value")) {
            instance.values.put("KEY", value);
            Intercepted.send(client, withKey());
            assertThat(read(client, OK.length())).isEqualTo(OK);
            assertThat(seen.take()).contains("X-Api-Key: " + value + "\r\n");
        }
        instance.values.remove("KEY");
        Intercepted.send(client, withKey());
        assertThat(read(client, 10_000)).startsWith("HTTP/1.1 403 ").contains("there is no secret 'KEY'");
        client.close();
        assertThat(connection.refusal()).isEqualTo("there is no secret 'KEY'");
        assertThat(seen).isEmpty();
    }

    @Test
    void whoAsksForAUserAndAPasswordGetsThem() throws Exception {
        SSLSocket client = client(instance.connect());
        String credentials = Base64.getEncoder()
                .encodeToString(("me:" + instance.key.placeholder()).getBytes(StandardCharsets.US_ASCII));
        Intercepted.send(client, get("Authorization: Basic " + credentials));
        assertThat(read(client, OK.length())).isEqualTo(OK);
        String wanted = Base64.getEncoder().encodeToString("me:value-9f3a77c1".getBytes(StandardCharsets.US_ASCII));
        assertThat(seen.take()).contains("Authorization: Basic " + wanted + "\r\n");
    }

    @Test
    void aValueThatWouldBreakAHeaderIsRefused() throws Exception {
        instance.values.put("KEY", "a\r\nX-Evil: b");
        Connection connection = instance.connect();
        assertThat(instance.exchange(connection, withKey())).contains("403 ", "contains a line break");
        assertThat(seen).isEmpty();
    }

    @Test
    void muchGoesBothWaysInChunksAndWithALength() throws Exception {
        byte[] much = new byte[5_000_000];
        new Random(7).nextBytes(much);
        service = client -> {
            String head = head(client);
            InputStream in = client.getInputStream();
            byte[] got = head.contains("chunked") ? chunks(client) : in.readNBytes(much.length);
            seen.add(head + Arrays.equals(got, much));
            Intercepted.send(client, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            client.getOutputStream().write(got);
        };
        for (String framing : List.of("Content-Length: 5000000", "Transfer-Encoding: chunked")) {
            SSLSocket client = client(instance.connect());
            Thread.ofVirtual().start(() -> upload(client, framing, much));
            assertThat(read(client, 38)).startsWith("HTTP/1.1 200 OK\r\n");
            assertThat(client.getInputStream().readAllBytes()).isEqualTo(much);
            assertThat(seen.take())
                    .contains(framing, "X-Api-Key: value-9f3a77c1")
                    .endsWith("true");
        }
    }

    private void upload(SSLSocket client, String framing, byte[] much) {
        try {
            Intercepted.send(
                    client,
                    "POST / HTTP/1.1\r\nHost: api.test\r\nX-Api-Key: " + instance.key.placeholder() + "\r\n" + framing
                            + "\r\n\r\n");
            if (framing.contains("chunked")) {
                for (int at = 0; at < much.length; at += 100_000) {
                    Intercepted.send(client, "000186A0\r\n".substring(1));
                    client.getOutputStream().write(much, at, 100_000);
                    Intercepted.send(client, "\r\n");
                }
                Intercepted.send(client, "0\r\n\r\n");
            } else {
                client.getOutputStream().write(much);
            }
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    private static byte[] chunks(SSLSocket client) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        HttpInput in = new HttpInput(client.getInputStream(), () -> {});
        for (int size = -1; size != 0; ) {
            size = Integer.parseInt(in.line(16), 16);
            in.copy(new HttpBody(size), all::write);
            assertThat(in.line(16)).isEmpty();
        }
        return all.toByteArray();
    }

    /** Neither waits for more: each side goes on when it has what the other one just said. */
    @Test
    void whatIsThereIsPassedOnAtOnce() throws Exception {
        service = client -> {
            head(client);
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo(new byte[] {'u', 'p'});
            Intercepted.send(client, "HTTP/1.1 200 OK\r\n\r\ndata: 1\n\n");
            assertThat(client.getInputStream().readNBytes(1)).isEqualTo(new byte[] {'!'});
            Intercepted.send(client, "data: 2\n\n");
        };
        SSLSocket client = client(instance.connect());
        Intercepted.send(
                client, "POST / HTTP/1.1\r\nHost: api.test:443\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        assertThat(read(client, 25)).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        Intercepted.send(client, "up");
        assertThat(read(client, 28)).endsWith("data: 1\n\n");
        Intercepted.send(client, "!");
        assertThat(read(client, 100)).isEqualTo("data: 2\n\n");
    }

    private String upgrade() {
        return "GET /ws HTTP/1.1\r\nHost: api.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Api-Key: "
                + instance.key.placeholder() + "\r\n\r\n";
    }

    @Test
    void aWebSocketIsPassedOnAsItIs() throws Exception {
        String switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";
        service = client -> {
            seen.add(head(client));
            Intercepted.send(client, switching);
            client.getInputStream().transferTo(client.getOutputStream());
        };
        SSLSocket client = client(instance.connect());
        Intercepted.send(client, upgrade());
        assertThat(read(client, switching.length())).isEqualTo(switching);
        assertThat(seen.take()).contains("X-Api-Key: value-9f3a77c1");
        String frames = "\0\1 GET " + instance.key.placeholder();
        Intercepted.send(client, frames);
        assertThat(read(client, frames.length())).isEqualTo(frames);
    }

    /** Where the server goes on with HTTP, so do we: what follows is no opaque stream. */
    @Test
    void anUpgradeThatIsNotGrantedEndsNothing() throws Exception {
        SSLSocket client = client(instance.connect());
        Intercepted.send(client, upgrade());
        assertThat(read(client, OK.length())).isEqualTo(OK);
        Intercepted.send(client, withKey());
        assertThat(read(client, OK.length())).isEqualTo(OK);
        Intercepted.send(client, upgrade());
        assertThat(read(client, 10_000)).contains("403 ", "use a new connection for a WebSocket");
    }

    @Test
    void aClientThatInsistsOnHttp2IsToldSo() throws Exception {
        Connection connection = instance.connect();
        SSLSocket client = instance.tls(connection, Intercepted.HOST, "h2");
        assertThatThrownBy(client::startHandshake).hasMessageContaining("no_application_protocol");
        connection.plain().close();
        assertThat(connection.refusal()).contains("requires HTTP/2", "HTTP/1.1");
    }

    @Test
    void theServerNameMustBeTheOneThatWasConnectedTo() throws Exception {
        Connection connection = instance.connect();
        SSLSocket client = instance.tls(connection, "evil.test", "http/1.1");
        assertThatThrownBy(client::startHandshake).hasMessageContaining("access_denied");
        connection.plain().close();
        assertThat(connection.refusal()).contains("api.test:443", "its request names evil.test");
    }

    @Test
    void withoutTlsItIsRefused() throws Exception {
        Connection connection = instance.connect();
        connection.plain().getOutputStream().write(withKey().getBytes(StandardCharsets.US_ASCII));
        connection.plain().shutdownOutput();
        assertThat(new String(connection.plain().getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .contains("403 ", "use https://");
        assertThat(connection.refusal()).contains("not TLS");
    }

    /** Its certificate is of another name, or of somebody unknown. */
    @Test
    void aServerThatCannotBeVerifiedGetsNothing() throws Exception {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere"));
        try (TlsServer other = new TlsServer(directory, "evil.test", this::answer);
                TlsServer unknown = new TlsServer(elsewhere, Intercepted.HOST, this::answer)) {
            for (TlsServer wrong : List.of(other, unknown)) {
                instance.next(wrong.connect());
                Connection connection = instance.connect();
                assertThat(instance.exchange(connection, withKey()))
                        .contains(
                                "403 ",
                                "cannot make a secure connection to api.test:443",
                                wrong == other ? "No subject alternative DNS name" : "set SSL_CERT_FILE to a PEM file");
                assertThat(seen).isEmpty();
            }
        }
    }

    @Test
    void aServerThatSendsTheValueBackIsCutOff() throws Exception {
        service = client -> {
            String head = head(client);
            Intercepted.send(client, "HTTP/1.1 200 OK\r\n\r\nbefore ");
            String value = head.replaceAll("(?s).*X-Api-Key: (\\S+).*", "$1");
            Intercepted.send(client, value.substring(0, 10));
            Intercepted.send(client, value.substring(10));
            client.getInputStream().readAllBytes();
        };
        Connection connection = instance.connect();
        SSLSocket client = client(connection);
        Intercepted.send(client, withKey());
        String answer = "";
        try {
            for (int next = client.getInputStream().read();
                    next >= 0;
                    next = client.getInputStream().read()) {
                answer += (char) next;
            }
        } catch (IOException cut) {
            assertThat(cut).isNotNull();
        }
        assertThat(answer).endsWith("before ");
        assertThat(connection.refusal()).startsWith("the answer contained the secret KEY");
    }

    @Test
    void aClientThatKnowsItsCertificatesIsNamed() throws Exception {
        Connection connection = instance.connect();
        SSLContext context = new SystemTrust(Map.of("SSL_CERT_FILE", server.bundle.toString())).client();
        SSLSocket pinned =
                (SSLSocket) context.getSocketFactory().createSocket(connection.plain(), Intercepted.HOST, 443, true);
        assertThatThrownBy(pinned::startHandshake).isInstanceOf(SSLException.class);
        pinned.close();
        assertThat(connection.refusal()).contains("certificate");
    }

    @Test
    void theEndOfOneSideIsTheEndOfTheOther() throws Exception {
        service = client -> {
            head(client);
            Intercepted.send(client, LAST);
        };
        Connection connection = instance.connect();
        assertThat(instance.exchange(connection, withKey())).isEqualTo(LAST);
        connection.plain().close();
        assertThat(connection.refusal()).isEmpty();
    }
}
