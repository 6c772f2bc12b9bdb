package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ports of the host through which instances are reached: whose they are, and what goes through them. */
class ExposedPortsTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private ExposedPorts ports;

    @BeforeEach
    void open() throws Exception {
        ports = new ExposedPorts(daemon);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void bytesGoBothWaysAndEachWayEndsByItself() throws Exception {
        int port = ports.running("web", 80);
        assertThat(port).isBetween(20_000, 29_999);
        assertThat(ports.info("web"))
                .contains(
                        "\"expose_ports\":[80]",
                        "\"endpoints\":[{\"guest_port\":80,\"public_port\":" + port
                                + ",\"protocol\":\"http\",\"bound\":true}]");
        byte[] sent = new byte[3_000_000];
        new Random(7).nextBytes(sent);
        try (Socket socket = ExposedPorts.connect(port)) {
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
        int port = ports.running("web", 80);
        try (Socket first = ExposedPorts.connect(port);
                Socket second = ExposedPorts.connect(port)) {
            assertThat(ExposedPorts.echoed(first)).isEqualTo(ExposedPorts.HELLO);
            assertThat(ExposedPorts.echoed(second)).isEqualTo(ExposedPorts.HELLO);
            assertThat(ports.info("web")).contains("\"active_connections\":2");
        }
        await().untilAsserted(() -> assertThat(ports.info("web")).contains("\"active_connections\":0"));
    }

    @Test
    void aServerThatIsNotUpYetIsWaitedFor() throws Exception {
        int port = ports.running("web", 81);
        try (Socket early = ExposedPorts.connect(port);
                Socket another = ExposedPorts.connect(port)) {
            await().until(() -> daemon.vmm.last().guest().calls("connect") > 2);
            daemon.vmm.last().guest().listen(81);
            assertThat(ExposedPorts.echoed(early)).isEqualTo(ExposedPorts.HELLO);
            assertThat(ExposedPorts.echoed(another)).isEqualTo(ExposedPorts.HELLO);
        }
    }

    @Test
    void aClientOfAGuestThatDiesIsNotLeftHanging() throws Exception {
        int port = ports.running("web", 80);
        int silent = ports.running("other", 81);
        try (Socket open = ExposedPorts.connect(port)) {
            assertThat(ExposedPorts.echoed(open)).isEqualTo(ExposedPorts.HELLO);
            daemon.http.post("/v1/instances/web/stop", "");
            assertThatThrownBy(() -> {
                        if (open.getInputStream().read() < 0) {
                            throw new IOException("closed");
                        }
                    })
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(java.net.SocketTimeoutException.class);
        }
        try (Socket waiting = ExposedPorts.connect(silent)) {
            await().until(() -> ports.info("other").contains("\"active_connections\":1"));
            daemon.http.post("/v1/instances/other/stop", "");
            assertThat(waiting.getInputStream().read()).isNegative();
        }
        await().untilAsserted(() -> assertThat(
                        daemon.http.get("/v1/instances/other/logs").body())
                .contains("a connection to port 81 was closed: "));
    }

    @Test
    void aPortThatIsTakenIsRefusedAndNothingIsLeft() throws Exception {
        int port = ports.running("web", 80);
        int other = freePort();
        Http.Answer refused = daemon.http.post(
                "/v1/instances",
                ExposedPorts.body(
                        "second",
                        "{\"port\":80,\"public_port\":" + other + "},{\"port\":81,\"public_port\":" + port + "}"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("port_in_use", String.valueOf(port), "another instance");
        assertThat(daemon.http.get("/v1/instances/second").status()).isEqualTo(404);
        try (ServerSocket stranger = new ServerSocket(other, 1, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}))) {
            assertThat(daemon.http
                            .post(
                                    "/v1/instances",
                                    ExposedPorts.body("second", "{\"port\":80,\"public_port\":" + other + "}"))
                            .status())
                    .isEqualTo(409);
            assertThat(stranger.isBound()).isTrue();
        }
        daemon.create(ExposedPorts.body("second", "{\"port\":80,\"public_port\":" + other + "}"));
        daemon.awaitState("second", "running");
        ExposedPorts.assertEchoes(other);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"port":0}                                                      | exposes.port must be 1..65535, not 0
            {"port":80,"public_port":65536}                                 | exposes.public_port must be 1..65535
            {"port":80,"protocol":"udp"}                                    | one of http, tcp, grpc, not 'udp'
            {"port":80,"public_port":8080},{"port":81,"public_port":8080}   | 8080 twice
            """)
    void whatMakesNoSenseIsRefused(String exposes, String message) throws Exception {
        Http.Answer refused = daemon.http.post("/v1/instances", ExposedPorts.body("web", exposes));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains(message);
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void aNumberIsKeptUntilDelete() throws Exception {
        int port = ports.running("web", 80);
        daemon.http.post("/v1/instances/web/disable", "");
        ExposedPorts.assertRefused(port);
        assertThat(ports.info("web")).contains("\"public_port\":" + port, "\"bound\":false");
        assertThat(daemon.http
                        .post("/v1/instances", ExposedPorts.body("other", "{\"port\":80,\"public_port\":" + port + "}"))
                        .body())
                .contains("belongs to another instance");
        daemon.restart();
        ExposedPorts.assertRefused(port);
        daemon.http.post("/v1/instances/web/start", "");
        daemon.awaitState("web", "running");
        ExposedPorts.assertEchoes(port);
        daemon.restart();
        assertThat(ports.info("web")).contains("\"state\":\"stopped\"", "\"public_port\":" + port, "\"bound\":true");
        daemon.http.delete("/v1/instances/web");
        ExposedPorts.assertRefused(port);
        daemon.create(ExposedPorts.body("other", "{\"port\":80,\"public_port\":" + port + "}"));
    }

    @Test
    void aPortThatAStrangerTookIsTakenBackWhenItIsFree() throws Exception {
        int port = ports.running("web", 80);
        daemon.http.post("/v1/instances/web/disable", "");
        try (ServerSocket stranger = new ServerSocket()) {
            stranger.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            daemon.http.post("/v1/instances/web/start", "");
            daemon.awaitState("web", "running");
            assertThat(ports.info("web")).contains("\"public_port\":" + port, "\"bound\":false");
        }
        await().untilAsserted(() -> assertThat(ports.info("web")).contains("\"bound\":true"));
        ExposedPorts.assertEchoes(port);
    }

    @Test
    void otherPortsForAStoredInstanceTakeThePlaceOfThoseItHad() throws Exception {
        int port = ports.running("web", 80);
        String other = "{\"port\":80},{\"port\":81}";
        assertThat(daemon.http
                        .post("/v1/instances", ExposedPorts.body("web", other))
                        .status())
                .as("it runs")
                .isEqualTo(409);
        daemon.http.post("/v1/instances/web/stop", "");
        assertThat(daemon.http
                        .post("/v1/instances", ExposedPorts.body("web", other))
                        .body())
                .as("a number that fits is kept")
                .contains("\"expose_ports\":[80,81]", "\"guest_port\":80,\"public_port\":" + port);
        ExposedPorts.assertEchoes(port);

        daemon.http.post("/v1/instances/web/disable", "");
        String sameNumber = "{\"port\":82,\"public_port\":" + port + "}";
        assertThat(daemon.http
                        .post("/v1/instances", ExposedPorts.body("web", sameNumber))
                        .body())
                .contains("\"expose_ports\":[82]", "\"guest_port\":82,\"public_port\":" + port);
        daemon.awaitState("web", "running");
        daemon.vmm.last().guest().listen(82);
        ExposedPorts.assertEchoes(port);
        daemon.restart();
        assertThat(ports.info("web")).contains("\"expose_ports\":[82]");
    }

    @Test
    void aRefusedChangeOfPortsChangesNone() throws Exception {
        int port = ports.running("web", 80);
        int taken = ports.running("other", 80);
        daemon.http.post("/v1/instances/web/stop", "");
        String half = "{\"port\":81},{\"port\":82,\"public_port\":" + taken + "}";
        Http.Answer refused = daemon.http.post("/v1/instances", ExposedPorts.body("web", half));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("port_in_use");
        assertThat(ports.info("web"))
                .contains("\"expose_ports\":[80]", "\"public_port\":" + port, "\"state\":\"stopped\"");
        ExposedPorts.assertEchoes(port);
    }
}
