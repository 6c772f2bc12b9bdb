package dev.aegisvm.gateway.intercept;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.gateway.dial.HttpBody;
import dev.aegisvm.gateway.intercept.Intercepted.Connection;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A server that keeps notes, and reads the body of a POST alone, as Python's own does: what others have for a body, it takes for
 * the next request. A secret is bound to it, and a guest tries to have the secret noted.
 */
@Timeout(60)
class ThinServerTest {
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");

    @TempDir
    Path directory;

    private final Queue<String> heads = new ConcurrentLinkedQueue<>();
    /** Whether it reads what it should. */
    private volatile boolean bodies;

    private volatile String note = "nothing";
    private TlsServer server;
    private Intercepted instance;

    @BeforeEach
    void open() throws Exception {
        server = new TlsServer(directory, Intercepted.HOST, this::serve);
        instance = new Intercepted(directory, server);
    }

    @AfterEach
    void close() throws Exception {
        instance.close();
        server.close();
    }

    private void serve(SSLSocket client) throws IOException {
        HttpInput in = new HttpInput(client.getInputStream(), () -> {});
        boolean goesOn = true;
        while (goesOn && in.more()) {
            StringBuilder head = new StringBuilder();
            for (String line = in.line(1000); !line.isEmpty(); line = in.line(1000)) {
                head.append(line).append('\n');
            }
            heads.add(head.toString());
            Matcher length = LENGTH.matcher(head);
            if ((bodies || head.indexOf("POST ") == 0) && length.find()) {
                StringBuilder body = new StringBuilder();
                in.copy(
                        new HttpBody(Long.parseLong(length.group(1))),
                        (bytes, offset, count) ->
                                body.append(new String(bytes, offset, count, StandardCharsets.ISO_8859_1)));
                note = body.toString();
            }
            goesOn = head.indexOf("Connection: close") < 0;
            String end = goesOn ? "" : "Connection: close\r\n";
            Intercepted.send(
                    client, "HTTP/1.1 200 OK\r\n" + end + "Content-Length: " + note.length() + "\r\n\r\n" + note);
        }
    }

    private String request(String method, String headers, String body) {
        return method + " / HTTP/1.1\r\nHost: api.test\r\n" + headers + "Content-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    private String key() {
        return "X-Api-Key: " + instance.key.placeholder() + "\r\n";
    }

    private String answer(String request) throws IOException {
        try {
            return instance.exchange(instance.connect(), request);
        } catch (IOException cut) {
            return "cut: " + cut.getMessage();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "PROPFIND"})
    void theNextHeadIsNoBodyOfWhatWasSmuggled(String method) throws Exception {
        String smuggled = "POST /note HTTP/1.1\r\nHost: api.test\r\nContent-Length: 75\r\n\r\n";
        Connection connection = instance.connect();
        SSLSocket client = instance.tls(connection, Intercepted.HOST, "http/1.1");
        Intercepted.send(client, request(method, "", smuggled) + request("GET", key(), ""));
        assertThat(client.getInputStream().readAllBytes()).asString().startsWith("HTTP/1.1 200 OK");
        client.close();
        assertThat(connection.refusal()).isEmpty();
        assertThat(heads).noneMatch(head -> head.contains(Intercepted.VALUE));
        assertThat(note).isEqualTo("nothing");
        assertThat(heads.peek()).contains("Connection: close").contains("Content-Length: " + smuggled.length());
    }

    /** What is kept for as long as the connection is: a request whose body everybody reads. */
    @Test
    void aRequestAfterAPostIsServed() throws Exception {
        SSLSocket client = instance.tls(instance.connect(), Intercepted.HOST, "http/1.1");
        Intercepted.send(client, request("POST", key(), "a body") + request("DELETE", key(), ""));
        String both = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\na body".repeat(2);
        assertThat(new String(client.getInputStream().readNBytes(both.length()), StandardCharsets.US_ASCII))
                .isEqualTo(both);
        assertThat(heads).hasSize(2).allMatch(head -> head.contains(Intercepted.VALUE));
    }

    @Test
    void theClientIsToldToGoOnAndTheServerIsNotAsked() throws Exception {
        SSLSocket client = instance.tls(instance.connect(), Intercepted.HOST, "http/1.1");
        String request = request("POST", key() + "Expect: 100-Continue\r\n", "much");
        Intercepted.send(client, request.substring(0, request.length() - 4));
        assertThat(new String(client.getInputStream().readNBytes(25), StandardCharsets.US_ASCII))
                .isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
        Intercepted.send(client, "much");
        assertThat(new String(client.getInputStream().readNBytes(42), StandardCharsets.US_ASCII))
                .endsWith("\r\n\r\nmuch");
        assertThat(heads.poll()).contains(Intercepted.VALUE).doesNotContainIgnoringCase("expect");
    }

    private String curl(int port, String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-m", "50", "--http1.1", "--cacert"));
        command.addAll(
                List.of(instance.trusted.toString(), "--connect-to", "::127.0.0.1:" + port, "-H", key().strip()));
        command.addAll(List.of(words));
        Process curl = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(curl.waitFor()).as(said).isZero();
        return said;
    }

    /** GitHub's deletion of contents, a search of Elasticsearch, and a large upload, where curl waits for a word. */
    @Test
    void realClientsThatSendSuchBodiesAreServed() throws Exception {
        bodies = true;
        int port = instance.listen();
        String url = "https://api.test/";
        assertThat(curl(
                        port,
                        "-X",
                        "DELETE",
                        "-d",
                        "{\"sha\":1}",
                        url,
                        "--next",
                        "-sS",
                        "--http1.1",
                        "--cacert",
                        instance.trusted.toString(),
                        "--connect-to",
                        "::127.0.0.1:" + port,
                        url))
                .isEqualTo("{\"sha\":1}".repeat(2));
        assertThat(curl(port, "-X", "GET", "--json", "{\"query\":{}}", url, url))
                .isEqualTo("{\"query\":{}}".repeat(2));
        heads.clear();
        Path much = Files.writeString(directory.resolve("much"), "0123456789".repeat(300_000));
        assertThat(curl(port, "-T", much.toString(), "-v", "--expect100-timeout", "40", "-o", "/dev/null", url + "a"))
                .contains("> Expect: 100-continue", "< HTTP/1.1 100 Continue");
        assertThat(note.equals(Files.readString(much))).isTrue();
        assertThat(heads).singleElement().asString().startsWith("PUT /a").contains(Intercepted.VALUE);
    }

    /** It is stored by one connection, and another one gets it. */
    @Test
    void whatAnotherConnectionSentDoesNotComeBack() throws Exception {
        assertThat(answer(request("POST", key() + "Connection: close\r\n", "a note")))
                .endsWith("a note");
        assertThat(instance.hidden).containsExactly(Intercepted.VALUE);
        note = "it is " + Intercepted.VALUE;
        Connection connection = instance.connect();
        SSLSocket client = instance.tls(connection, Intercepted.HOST, "http/1.1");
        Intercepted.send(client, request("GET", "", ""));
        StringBuilder got = new StringBuilder();
        try {
            client.getInputStream().transferTo(new OutputStream() {
                @Override
                public void write(int one) {
                    got.append((char) one);
                }
            });
        } catch (IOException cut) {
            assertThat(cut).isNotNull();
        }
        assertThat(got).doesNotContain(Intercepted.VALUE);
        assertThat(connection.refusal()).startsWith("the answer contained the secret KEY");
    }

    /** Also one that was never sent, since its instance started again meanwhile. */
    @Test
    void aValueIsKnownBeforeItIsSent() throws Exception {
        instance.values.remove("OTHER");
        instance.placeholders.learn();
        assertThat(instance.hidden).containsExactly(Intercepted.VALUE);
        note = Intercepted.VALUE;
        assertThat(answer(request("GET", "Connection: close\r\n", ""))).doesNotContain(Intercepted.VALUE);
    }
}
