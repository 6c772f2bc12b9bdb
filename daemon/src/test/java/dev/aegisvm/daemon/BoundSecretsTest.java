package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.vmm.fake.ScriptedGuest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Secrets that a scripted guest uses without having them. */
@Timeout(60)
class BoundSecretsTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("aegis-secret-[0-9a-f]{32}");

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    @BeforeEach
    void open() throws IOException, HomeException {
        for (String name : List.of("KEY", "B")) {
            assertThat(daemon.http
                            .send("PUT", "/v1/secrets/" + name, "{\"value\":\"canary-2f6e1c\"}")
                            .status())
                    .isEqualTo(200);
        }
    }

    private Http.Answer create(String fields) throws IOException {
        return daemon.http.post("/v1/instances", "{\"handle\":\"box\",\"command\":[\"sleep\"]" + fields + "}");
    }

    private ScriptedGuest start(String fields) throws IOException {
        Http.Answer answer = create(fields);
        assertThat(answer.status()).as(answer.body()).isIn(200, 201);
        daemon.awaitState("box", "running");
        return daemon.vmm.last().guest();
    }

    private String variable(String name) throws IOException {
        return variable("box", name);
    }

    private String variable(String instance, String name) throws IOException {
        return daemon.http
                .post("/v1/instances/" + instance + "/exec", "{\"command\":[\"env\",\"" + name + "\"]}")
                .body();
    }

    private String placeholder() throws IOException {
        return placeholder("box");
    }

    private String placeholder(String instance) throws IOException {
        Matcher found = PLACEHOLDER.matcher(variable(instance, "KEY"));
        assertThat(found.find()).isTrue();
        return found.group();
    }

    @Test
    void itsProcessesHaveAPlaceholderThatStays() throws Exception {
        ScriptedGuest guest = start(",\"secrets\":[\"KEY@App.test\",\"B\"]");
        String placeholder = placeholder();
        assertThat(variable("B")).contains("canary-2f6e1c");
        assertThat(variable("SSL_CERT_FILE")).contains("/etc/ssl/aegis-ca.pem");
        assertThat(guest.calls("file_write")).isEqualTo(1);
        assertThat(daemon.http.get("/v1/instances/box").body())
                .contains("\"secrets\":[\"B\",\"KEY@app.test\"]")
                .doesNotContain("canary")
                .doesNotContain(placeholder);
        daemon.restart();
        start("");
        assertThat(placeholder()).isEqualTo(placeholder);
        daemon.http.post("/v1/instances/box/stop", "");
        start(",\"secrets\":[\"KEY@app.test,other.test\"]");
        assertThat(placeholder()).isEqualTo(placeholder);
        assertThat(variable("B")).contains("unset");
        daemon.http.delete("/v1/instances/box");
        start(",\"secrets\":[\"KEY@app.test\"]");
        assertThat(placeholder()).isNotEqualTo(placeholder);
    }

    @Test
    void aForkHasOneOfItsOwnUntilTheSecretIsTakenAway() throws Exception {
        start(",\"secrets\":[\"KEY@app.test\"]");
        String parents = placeholder();
        daemon.http.post("/v1/instances/box/stop", "");
        Http.Answer forked = daemon.http.post("/v1/instances/box/fork", "");
        assertThat(forked.status()).as(forked.body()).isEqualTo(200);
        String own = placeholder("box-1");
        assertThat(own).isNotEqualTo(parents);
        bind("KEY@app.test,other.test");
        assertThat(placeholder("box-1")).isEqualTo(own);
        bind("B@app.test");
        assertThat(variable("box-1", "KEY")).contains("unset");
        bind("KEY@app.test");
        assertThat(placeholder("box-1")).isNotIn(own, parents);
    }

    /** Stops the fork, and starts it with this secret alone. */
    private void bind(String word) throws IOException {
        daemon.http.post("/v1/instances/box-1/stop", "");
        String again = "{\"handle\":\"box-1\",\"secrets\":[\"" + word + "\"]}";
        assertThat(daemon.http.post("/v1/instances", again).status()).isEqualTo(200);
        daemon.awaitState("box-1", "running");
    }

    @Test
    void whoHasNoneHasNoneOfIt() throws Exception {
        ScriptedGuest guest = start(",\"secrets\":[\"KEY\"]");
        assertThat(variable("KEY")).contains("canary-2f6e1c");
        assertThat(variable("SSL_CERT_FILE")).contains("unset");
        assertThat(guest.calls("file_write")).isZero();
        assertThat(daemon.home.certificateAuthority()).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ["NO@app.test"]              |        | there is no secret 'NO'
        ["K EY@app.test"]            |        | invalid secret name
        ["*@app.test"]               |        | invalid secret name
        ["KEY@*.test"]               |        | bound to hosts by their names
        ["KEY@10.0.0.1"]             |        | bound to hosts by their names
        ["KEY@host.aegis"]           |        | a secret cannot be bound to this host (host.aegis)
        ["KEY@host.aegis:8443"]      |        | a secret cannot be bound to this host (host.aegis:8443)
        ["KEY@"]                     |        | a rule must be 1 to
        ["KEY@a.test","KEY@b.test"]  |        | is bound twice
        ["KEY","KEY@b.test"]         |        | cannot also be given to the instance
        ["*","KEY@b.test"]           |        | cannot also be given to the instance
        ["KEY@app.test"]             | open   | the network 'open' does not have
        ["KEY@app.test"]             | none   | the network 'none' does not have
        """)
    void whatMakesNoSenseIsRefused(String secrets, String network, String sentence) throws Exception {
        String mode = network == null ? "" : ",\"network\":\"" + network + "\"";
        Http.Answer answer = create(",\"secrets\":" + secrets + mode);
        assertThat(answer.status()).as(answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains(sentence);
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void itsHostsAreAllowed() throws Exception {
        start(",\"network\":\"allow\",\"allow\":[\"127.0.0.1:443\"],\"secrets\":[\"KEY@app.test\"]");
        assertThat(daemon.http
                        .post("/v1/instances/box/network/test", "{\"target\":\"https://app.test/\"}")
                        .body())
                .contains("\"allowed\":true,\"rule\":\"secret KEY\"");
        assertThat(daemon.http
                        .post("/v1/instances/box/network/test", "{\"target\":\"http://app.test/\"}")
                        .body())
                .contains("\"allowed\":false");
    }

    /** By any connection, with TLS or without. */
    @Test
    void aValueThatComesBackEndsTheAnswerAndIsHidden() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
            String where = "127.0.0.1:" + server.getLocalPort();
            ScriptedGuest guest = start(",\"allow\":[\"" + where + "\"],\"secrets\":[\"KEY@app.test\"]");
            guest.dial(1, "127.0.0.1", server.getLocalPort());
            try (Socket connection = server.accept()) {
                connection.setSoTimeout(20_000);
                connection.getOutputStream().write("it is canary-".getBytes(StandardCharsets.US_ASCII));
                // The guest sends it back.
                assertThat(connection.getInputStream().readNBytes(6)).asString().isEqualTo("it is ");
                connection.getOutputStream().write("2f6e1c".getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(() -> connection.getInputStream().read()).isInstanceOf(SocketException.class);
            }
        }
        await().until(() -> daemon.http
                .get("/v1/instances/box/network/log")
                .body()
                .contains("the answer contained the secret KEY"));
        assertThat(daemon.http.get("/v1/instances/box/network/log").body()).doesNotContain("canary");
    }

    /** However the guest came by it. */
    @Test
    void itsLogHasNoneOfTheValues() throws Exception {
        Http.Answer loud = daemon.http.post(
                "/v1/instances",
                "{\"handle\":\"loud\",\"command\":[\"greet\",\"canary-2f6e1c\"],\"secrets\":[\"KEY@app.test\"]}");
        assertThat(loud.status()).as(loud.body()).isIn(200, 201);
        await().until(() -> daemon.http.get("/v1/instances/loud/logs").body().contains("[secret]"));
        assertThat(daemon.http.get("/v1/instances/loud/logs").body()).doesNotContain("canary");
    }

    /** The guest sends back what it gets: here its own placeholder. */
    @Test
    void aPlaceholderThatIsSentElsewhereIsRefusedAndSeen() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"))) {
            String where = "127.0.0.1:" + server.getLocalPort();
            ScriptedGuest guest = start(",\"allow\":[\"" + where + "\"],\"secrets\":[\"KEY@app.test\"]");
            String placeholder = placeholder();
            guest.dial(1, "127.0.0.1", server.getLocalPort());
            try (Socket connection = server.accept()) {
                connection.setSoTimeout(20_000);
                connection.getOutputStream().write(("key=" + placeholder).getBytes(StandardCharsets.US_ASCII));
                assertThat(connection.getInputStream().read()).isEqualTo(-1);
            }
            String sentence = "the placeholder of the secret KEY was sent to " + where;
            await().until(() ->
                    daemon.http.get("/v1/instances/box/network/log").body().contains(sentence));
            assertThat(daemon.http.get("/v1/instances/box/network").body()).contains(sentence);
        }
    }
}
