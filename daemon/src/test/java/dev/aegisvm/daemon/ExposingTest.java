package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Ports that come and go while an instance runs, sleeps or is stopped. */
class ExposingTest {
    private static final String EXPOSES = "/v1/instances/web/exposes";

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private ExposedPorts ports;

    @BeforeEach
    void open() throws Exception {
        ports = new ExposedPorts(daemon);
    }

    private String expose(String mapping) throws IOException {
        Http.Answer answer = daemon.http.post(EXPOSES, mapping);
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static int lastPort(String instance) {
        return ExposedPorts.publicPorts(instance).getLast();
    }

    @Test
    void aPortIsAddedToARunningInstanceWhoseConnectionsStayOpen() throws Exception {
        int first = ports.running("web", 80);
        try (Socket open = ExposedPorts.connect(first)) {
            assertThat(ExposedPorts.echoed(open)).isEqualTo(ExposedPorts.HELLO);
            daemon.vmm.last().guest().listen(81);
            int second = lastPort(expose("{\"port\":81}"));
            ExposedPorts.assertEchoes(second);
            assertThat(daemon.http.delete(EXPOSES + "/81").status()).isEqualTo(200);
            ExposedPorts.assertRefused(second);
            assertThat(ExposedPorts.echoed(open)).isEqualTo(ExposedPorts.HELLO);
        }
    }

    @Test
    void whatIsAddedStaysAndWakesTheInstance() throws Exception {
        daemon.create(ExposedPorts.body("web", ""));
        daemon.awaitState("web", "running");
        assertThat(ports.info("web")).contains("it exposes no port");
        int port = lastPort(expose("{\"port\":80}"));
        assertThat(lastPort(expose("{\"port\":80}"))).as("again").isEqualTo(port);
        assertThat(ports.info("web")).doesNotContain("it exposes no port");
        daemon.restart();
        assertThat(ports.publicPort("web")).isEqualTo(port);
        ExposedPorts.assertEchoes(port);
    }

    @Test
    void aDisabledInstanceKeepsThemClosed() throws Exception {
        int first = ports.running("web", 80);
        ports.post("web", "disable");
        int second = lastPort(expose("{\"port\":81}"));
        ExposedPorts.assertRefused(second);
        ExposedPorts.assertRefused(first);
        ports.post("web", "start");
        daemon.awaitState("web", "running");
        daemon.vmm.last().guest().listen(81);
        ExposedPorts.assertEchoes(second);
    }

    /** A second thread that accepts, for the guest of before, would refuse every other client. */
    @Test
    void afterADisableAndAStartWithAnotherPortEachConnectionIsServed() throws Exception {
        int first = ports.running("web", 80);
        ports.post("web", "disable");
        String other = ExposedPorts.body("web", "{\"port\":80,\"public_port\":" + ExposedPorts.free() + "}");
        assertThat(daemon.http.post("/v1/instances", other).status()).isEqualTo(200);
        daemon.awaitState("web", "running");
        for (int i = 0; i < 4; i++) {
            ExposedPorts.assertEchoes(ports.publicPort("web"));
        }
        ExposedPorts.assertRefused(first);
    }

    @Test
    void aNumberIsTakenOnceAndGivenAway() throws Exception {
        int port = ports.running("web", 80);
        daemon.create(ExposedPorts.body("other", ""));
        Http.Answer taken =
                daemon.http.post("/v1/instances/other/exposes", "{\"port\":80,\"public_port\":" + port + "}");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.body()).contains("port_in_use");
        assertThat(daemon.http.delete("/v1/instances/other/exposes/80").status())
                .isEqualTo(404);
        assertThat(daemon.http.delete(EXPOSES + "/" + port + ":80").body()).contains("\"endpoints\":[]");
        assertThat(daemon.http
                        .post("/v1/instances/other/exposes", "{\"port\":80,\"public_port\":" + port + "}")
                        .status())
                .isEqualTo(200);
        daemon.awaitState("other", "running");
        ExposedPorts.assertEchoes(port);
    }

    @Test
    void anInstanceSleepsAsSoonAsAConnectionCanWakeIt() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"web\"}");
        daemon.awaitState("web", "running");
        expose("{\"port\":80}");
        await().untilAsserted(() -> assertThat(ports.info("web")).contains("\"pause\":\"1m\""));
    }
}
