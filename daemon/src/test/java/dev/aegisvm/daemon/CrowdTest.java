package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.router.Clients;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody opens connections to an exposed port, and asks for nothing. */
class CrowdTest {
    private static final int ROOM = 40;
    private static final int CROWD = 300;

    @TempDir
    Path directory;

    private final List<Socket> crowd = new ArrayList<>();
    private DaemonHarness daemon;
    private ExposedPorts ports;

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, new Clients.Limits(ROOM, 2, 1000, Duration.ofSeconds(2)));
        ports = new ExposedPorts(daemon);
    }

    @AfterEach
    void close() throws IOException {
        for (Socket each : crowd) {
            each.close();
        }
        daemon.close();
    }

    private void crowdAt(int port) throws IOException {
        for (int i = 0; i < CROWD; i++) {
            crowd.add(ExposedPorts.connect(port));
        }
    }

    @Test
    void theOthersAreServedAndTheCrowdIsGoneSoon() throws Exception {
        int port = ports.running("web", 80);
        try (Socket served = ExposedPorts.connect(port)) {
            assertThat(ExposedPorts.echoed(served)).isEqualTo(ExposedPorts.HELLO);
            crowdAt(port);
            ExposedPorts.assertEchoes(port);
            assertThat(daemon.http
                            .post("/v1/instances/web/exec", "{\"command\":[\"print\",\"hello\"]}")
                            .body())
                    .contains("\"exit_code\":0");
            assertThatThrownBy(() -> crowd.getFirst().getInputStream().read())
                    .as("the oldest")
                    .isInstanceOf(SocketException.class);
            await().until(() -> ports.info("web").contains("\"active_connections\":1,"));
            assertThat(ExposedPorts.echoed(served)).isEqualTo(ExposedPorts.HELLO);
        }
    }

    @Test
    void atAPortOfTcpTheyMayStayAsLongAsThereIsRoom() throws Exception {
        daemon.create(ExposedPorts.body("web", "{\"port\":80,\"protocol\":\"tcp\"}"));
        daemon.awaitState("web", "running");
        int port = ports.publicPort("web");
        crowdAt(port);
        ExposedPorts.assertEchoes(port);
        await().until(() -> ports.info("web").contains("\"active_connections\":" + (ROOM - 1) + ","));
    }
}
