package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A disabled instance is started by nobody but one who says so. */
class DisabledInstanceTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private String id;

    @BeforeEach
    void aDisabledInstance() throws Exception {
        daemon.bring("box", "disabled");
        id = daemon.vmm.last().spec().id();
    }

    private void isStillDisabled() throws IOException {
        assertThat(daemon.http.get("/v1/instances/" + id).body())
                .contains("\"state\":\"stopped\"", "\"enabled\":false");
        assertThat(daemon.vmm.all()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | resume                      |                          | 409",
                "POST | pause                       |                          | 409",
                "POST | stop                        |                          | 200",
                "POST | disable                     |                          | 200",
                "POST | exec                        | {\"command\":[\"true\"]} | 409",
                "POST | exec                        | {\"command\":[\"true\"],\"detach\":true} | 409",
                "GET  | execs                       |                          | 200",
                "DELETE | execs/exec-1              |                          | 404",
                "GET  | logs                        |                          | 409",
                "GET  | logs?follow=true            |                          | 409",
            })
    void byNoOtherRequest(String method, String path, String body, int status) throws IOException {
        for (String name : new String[] {"box", id}) {
            Http.Answer answer =
                    daemon.http.send(method, "/v1/instances/" + name + "/" + path, body == null ? "" : body);
            assertThat(answer.status()).as(answer.body()).isEqualTo(status);
            if (status == 409) {
                assertThat(answer.body()).contains("\"code\":\"disabled\"", "instance 'box' is disabled");
            }
        }
        isStillDisabled();
    }

    @ParameterizedTest
    @CsvSource({"exec, 409", "attach, 409"})
    void byNoStream(String route, int status) throws IOException {
        try (Http.Connection stream = daemon.http.upgrade("/v1/instances/box/" + route, "{\"command\":[\"true\"]}")) {
            assertThat(stream.status()).isEqualTo(status);
        }
        isStillDisabled();
    }

    @Test
    void byNobodyWhoLooks() throws IOException {
        daemon.http.get("/v1/instances");
        daemon.http.get("/v1/instances?state=stopped");
        daemon.http.get("/v1/instances/box");
        daemon.http.get("/v1/events");
        daemon.http.get("/v1/status");
        daemon.http.post("/v1/instances/prune?older_than=1h", "");
        isStillDisabled();
    }

    @Test
    void byNoRestartOfTheDaemon() throws Exception {
        daemon.restart();
        isStillDisabled();
        assertThat(daemon.http
                        .post("/v1/instances/box/exec", "{\"command\":[\"true\"]}")
                        .status())
                .isEqualTo(409);
        daemon.restart();
        isStillDisabled();
    }

    @Test
    void butByAStart() throws IOException {
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"enabled\":true");
    }

    @Test
    void andByACreateWithItsName() throws IOException {
        assertThat(daemon.http.post("/v1/instances", "{\"handle\":\"box\"}").status())
                .isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"enabled\":true");
    }

    @Test
    void aStartThatFailsLeavesItEnabledAndStopped() throws IOException {
        daemon.vmm.refuse("not now");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitTold("box", "stopped");
        assertThat(daemon.http.get("/v1/instances/box").body()).contains("\"enabled\":true", "not now");
    }
}
