package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ports of the host through which instances are reached: whose they are, and what goes through them. */
class ExposedPortsTest {
    private static final Pattern PUBLIC_PORT = Pattern.compile("\"public_port\":(\\d+)");
    private static final String HELLO = "hello";

    @TempDir
    Path directory;

    private DaemonHarness daemon;

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.open(directory);
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private String exposing(String handle, String exposes) throws IOException {
        return daemon.create(body(handle, exposes));
    }

    private static String body(String handle, String exposes) {
        return "{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\",\"exposes\":[" + exposes + "]}";
    }

    private String info(String handle) throws IOException {
        return daemon.http.get("/v1/instances/" + handle).body();
    }

    private int publicPort(String handle) throws IOException {
        Matcher port = PUBLIC_PORT.matcher(info(handle));
        assertThat(port.find()).isTrue();
        return Integer.parseInt(port.group(1));
    }

    private int running(String handle, int guestPort) throws IOException {
        exposing(handle, "{\"port\":" + guestPort + "}");
        daemon.awaitState(handle, "running");
        return publicPort(handle);
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String echoed(Socket socket) throws IOException {
        socket.getOutputStream().write(HELLO.getBytes(StandardCharsets.UTF_8));
        return new String(socket.getInputStream().readNBytes(HELLO.length()), StandardCharsets.UTF_8);
    }

    private static void assertEchoes(int port) throws IOException {
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo(HELLO);
        }
    }

    private static void assertRefused(int port) {
        assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void bytesGoBothWaysAndEachWayEndsByItself() throws Exception {
        int port = running("web", 80);
        assertThat(port).isBetween(20_000, 29_999);
        assertThat(info("web"))
                .contains(
                        "\"expose_ports\":[80]",
                        "\"endpoints\":[{\"guest_port\":80,\"public_port\":" + port
                                + ",\"protocol\":\"http\",\"bound\":true}]");
        byte[] sent = new byte[3_000_000];
        new Random(7).nextBytes(sent);
        try (Socket socket = connect(port)) {
            CompletableFuture<byte[]> received =
                    CompletableFuture.supplyAsync(() -> rest(socket), Thread::startVirtualThread);
            socket.getOutputStream().write(sent);
            socket.shutdownOutput();
            assertThat(Arrays.equals(received.get(), sent)).isTrue();
        }
    }

    private static byte[] rest(Socket socket) {
        try {
            return socket.getInputStream().readAllBytes();
        } catch (IOException broken) {
            throw new IllegalStateException(broken);
        }
    }

    @Test
    void openConnectionsAreCounted() throws Exception {
        int port = running("web", 80);
        try (Socket first = connect(port);
                Socket second = connect(port)) {
            assertThat(echoed(first)).isEqualTo(HELLO);
            assertThat(echoed(second)).isEqualTo(HELLO);
            assertThat(info("web")).contains("\"active_connections\":2");
        }
        await().untilAsserted(() -> assertThat(info("web")).contains("\"active_connections\":0"));
    }

    @Test
    void aServerThatIsNotUpYetIsWaitedFor() throws Exception {
        int port = running("web", 81);
        try (Socket early = connect(port);
                Socket another = connect(port)) {
            await().until(() -> daemon.vmm.last().guest().calls("connect") > 2);
            daemon.vmm.last().guest().listen(81);
            assertThat(echoed(early)).isEqualTo(HELLO);
            assertThat(echoed(another)).isEqualTo(HELLO);
        }
    }

    @Test
    void aClientOfAGuestThatDiesIsNotLeftHanging() throws Exception {
        int port = running("web", 80);
        int silent = running("other", 81);
        try (Socket open = connect(port)) {
            assertThat(echoed(open)).isEqualTo(HELLO);
            daemon.http.post("/v1/instances/web/stop", "");
            assertThatThrownBy(() -> {
                        if (open.getInputStream().read() < 0) {
                            throw new IOException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        try (Socket waiting = connect(silent)) {
            await().until(() -> info("other").contains("\"active_connections\":1"));
            daemon.http.post("/v1/instances/other/stop", "");
            assertThat(waiting.getInputStream().read()).isNegative();
        }
        await().untilAsserted(() -> assertThat(
                        daemon.http.get("/v1/instances/other/logs").body())
                .contains("a connection to port 81 was closed: "));
    }

    @Test
    void aPortThatIsTakenIsRefusedAndNothingIsLeft() throws Exception {
        int port = running("web", 80);
        int other = freePort();
        Http.Answer refused = daemon.http.post(
                "/v1/instances",
                body(
                        "second",
                        "{\"port\":80,\"public_port\":" + other + "},{\"port\":81,\"public_port\":" + port + "}"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("port_in_use", String.valueOf(port), "another instance");
        assertThat(daemon.http.get("/v1/instances/second").status()).isEqualTo(404);
        try (ServerSocket stranger = new ServerSocket(other, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(daemon.http
                            .post("/v1/instances", body("second", "{\"port\":80,\"public_port\":" + other + "}"))
                            .status())
                    .isEqualTo(409);
            assertThat(stranger.isBound()).isTrue();
        }
        exposing("second", "{\"port\":80,\"public_port\":" + other + "}");
        daemon.awaitState("second", "running");
        assertEchoes(other);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"port":0}                                                      | exposes.port is 1..65535, not 0
            {"port":80,"public_port":65536}                                 | exposes.public_port is 1..65535
            {"port":80,"protocol":"udp"}                                    | one of http, tcp, grpc, not 'udp'
            {"port":80,"public_port":8080},{"port":81,"public_port":8080}   | 8080 twice
            """)
    void whatMakesNoSenseIsRefused(String exposes, String message) throws Exception {
        Http.Answer refused = daemon.http.post("/v1/instances", body("web", exposes));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains(message);
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void aNumberIsKeptUntilDelete() throws Exception {
        int port = running("web", 80);
        daemon.http.post("/v1/instances/web/disable", "");
        assertRefused(port);
        assertThat(info("web")).contains("\"public_port\":" + port, "\"bound\":false");
        assertThat(daemon.http
                        .post("/v1/instances", body("other", "{\"port\":80,\"public_port\":" + port + "}"))
                        .body())
                .contains("belongs to another instance");
        daemon.restart();
        assertRefused(port);
        daemon.http.post("/v1/instances/web/start", "");
        daemon.awaitState("web", "running");
        assertEchoes(port);
        daemon.restart();
        assertThat(info("web")).contains("\"state\":\"stopped\"", "\"public_port\":" + port, "\"bound\":true");
        daemon.http.delete("/v1/instances/web");
        assertRefused(port);
        exposing("other", "{\"port\":80,\"public_port\":" + port + "}");
    }

    @Test
    void aPortThatAStrangerTookIsTakenBackWhenItIsFree() throws Exception {
        int port = running("web", 80);
        daemon.http.post("/v1/instances/web/disable", "");
        try (ServerSocket stranger = new ServerSocket()) {
            stranger.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            daemon.http.post("/v1/instances/web/start", "");
            daemon.awaitState("web", "running");
            assertThat(info("web")).contains("\"public_port\":" + port, "\"bound\":false");
        }
        await().untilAsserted(() -> assertThat(info("web")).contains("\"bound\":true"));
        assertEchoes(port);
    }

    @Test
    void exposureIsStatic() throws Exception {
        int port = running("web", 80);
        daemon.http.post("/v1/instances/web/stop", "");
        String again = daemon.http
                .post("/v1/instances", body("web", "{\"port\":80},{\"port\":81}"))
                .body();
        assertThat(again).contains("\"ignored\":[\"exposes\"]", "\"expose_ports\":[80]", "\"public_port\":" + port);
        daemon.awaitState("web", "running");
        daemon.http.post("/v1/instances/web/stop", "");
        assertThat(daemon.http
                        .post("/v1/instances", body("web", "{\"port\":80}"))
                        .body())
                .doesNotContain("ignored");
    }
}
