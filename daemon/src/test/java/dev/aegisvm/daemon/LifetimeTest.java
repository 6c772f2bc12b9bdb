package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an instance is told of its own end: a time to live, a time for its main process, and that it shall not stay. */
@Timeout(60)
class LifetimeTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Http.Answer create(String fields) throws IOException {
        return daemon.http.post("/v1/instances", "{\"handle\":\"box\"" + fields + "}");
    }

    private String info() throws IOException {
        return daemon.http.get("/v1/instances/box").body();
    }

    private void awaitGone() {
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances/box").status()).isEqualTo(404));
    }

    private String because(String to) throws IOException {
        return daemon.http
                .get("/v1/events")
                .body()
                .lines()
                .filter(line -> line.contains("\"to\":\"" + to + "\""))
                .findFirst()
                .orElse("");
    }

    @Test
    void itIsDeletedWhenItsTimeIsOver() throws Exception {
        create(",\"command\":[\"sleep\"],\"ttl\":\"1s\"");
        assertThat(info()).contains("\"expires_at\":\"");
        awaitGone();
        assertThat(because("deleting")).contains("its ttl has expired");
        assertThat(daemon.vmm.last().exit()).succeedsWithin(Duration.ofSeconds(10));
    }

    @Test
    void theTimeGoesOnWithoutADaemon() throws Exception {
        create(",\"command\":[\"sleep\"],\"ttl\":\"4s\"");
        daemon.awaitState("box", "running");
        daemon.restart();
        awaitGone();
        assertThat(because("deleting")).contains("its ttl has expired");
    }

    @Test
    void theMainProcessIsKilledWhenItsTimeIsOver() throws Exception {
        create(",\"command\":[\"sleep\"],\"timeout_ms\":300");
        daemon.awaitState("box", "stopped");
        assertThat(info()).contains("\"exit_code\":124", "\"timeout_ms\":300");
        assertThat(daemon.http.get("/v1/instances/box/logs").body()).contains("timed out");
    }

    @Test
    void itIsKilledWhenSomebodyAsksForThat() throws Exception {
        daemon.running("box");
        assertThat(daemon.http
                        .send("DELETE", "/v1/instances/box/execs/main", "")
                        .body())
                .isEqualTo("{\"status\":\"killed\"}");
        daemon.awaitState("box", "stopped");
        assertThat(info()).contains("\"exit_code\":137");
        assertThat(because("stopping")).contains("\"exit_code\":137");
        assertThat(daemon.http
                        .send("DELETE", "/v1/instances/box/execs/main", "")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void itIsSignalled() throws Exception {
        daemon.running("box");
        String main = "/v1/instances/box/execs/main?signal=";
        assertThat(daemon.http.send("DELETE", main + "15", "").body()).isEqualTo("{\"status\":\"signalled\"}");
        daemon.awaitState("box", "stopped");
        assertThat(info()).contains("\"exit_code\":143");
        assertThat(daemon.http.send("DELETE", main + "65", "").status()).isEqualTo(400);
    }

    @Test
    void aNameThatIsAlmostRightIsToldTheRightOne() throws Exception {
        daemon.running("box");
        assertThat(daemon.http.get("/v1/instances/bx").body()).contains("did you mean 'box'?");
        assertThat(daemon.http.get("/v1/instances/zzgl").body()).doesNotContain("did you mean");
    }

    @Test
    void oneThatShallNotStayGoesWithItsMainProcess() throws Exception {
        create(",\"command\":[\"exit\",\"7\"],\"auto_remove\":true");
        awaitGone();
        assertThat(because("deleting")).contains("\"exit_code\":7");
    }

    @Test
    void orWithAStop() throws Exception {
        create(",\"command\":[\"sleep\"],\"auto_remove\":true");
        daemon.awaitState("box", "running");
        assertThat(info()).contains("\"auto_remove\":true");
        assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
        assertThat(daemon.http.get("/v1/instances/box").status()).isEqualTo(404);
    }

    @Test
    void orWithTheDaemon() throws Exception {
        create(",\"command\":[\"sleep\"],\"auto_remove\":true");
        daemon.awaitState("box", "running");
        daemon.restart();
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
    }

    @Test
    void aRunningOneIsDeletedOnlyByWhoeverMeansIt() throws Exception {
        daemon.running("box");
        Http.Answer refused = daemon.http.send("DELETE", "/v1/instances/box?if_stopped=true", "");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("wrong_state", "is running");
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(daemon.http
                        .send("DELETE", "/v1/instances/box?if_stopped=true", "")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void labelsAndNamesFindIt() throws Exception {
        create(",\"command\":[\"sleep\"],\"labels\":{\"team\":\"a=b\",\"x\":\"\"}");
        daemon.awaitState("box", "running");
        daemon.running("other");
        for (String yes : List.of(
                "label=team",
                "label=team%3Da%3Db&label=x%3D",
                "name=bo",
                "state=paused&state=running&label=x",
                "state=running&name=box")) {
            assertThat(daemon.http.get("/v1/instances?" + yes).body())
                    .as(yes)
                    .contains("\"handle\":\"box\"")
                    .doesNotContain("\"handle\":\"other\"");
        }
        for (String no : List.of("label=team%3Da", "label=y", "name=boxes", "state=stopped&name=box")) {
            assertThat(daemon.http.get("/v1/instances?" + no).body()).as(no).isEqualTo("[]");
        }
    }

    @Test
    void aNameCanBeChangedWhateverTheStateIs() throws Exception {
        String id = daemon.running("box");
        daemon.running("other");
        String path = "/v1/instances/box/rename";
        assertThat(daemon.http.post(path, "{\"handle\":\"other\"}").status()).isEqualTo(409);
        assertThat(daemon.http.post(path, "{\"handle\":\"Big\"}").status()).isEqualTo(400);
        assertThat(daemon.http.post(path, "{}").status()).isEqualTo(400);
        assertThat(daemon.http.post(path, "{\"handle\":\"inst-1\"}").status()).isEqualTo(400);
        assertThat(daemon.http.post(path, "{\"handle\":\"new\"}").body()).contains("\"handle\":\"new\"", id);
        assertThat(daemon.http.get("/v1/instances/box").status()).isEqualTo(404);
        daemon.http.post("/v1/instances/new/stop", "");
        assertThat(daemon.http
                        .post("/v1/instances/new/rename", "{\"handle\":\"newer\"}")
                        .status())
                .isEqualTo(200);
        daemon.restart();
        assertThat(daemon.http.get("/v1/instances/newer").body()).contains(id);
        assertThat(daemon.http
                        .post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}")
                        .status())
                .as("the old name is free")
                .isEqualTo(201);
    }
}
