package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A stored instance that is started again with other settings than it had; and a start that is waited for. */
@Timeout(60)
class StoredStartTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private Http.Answer create(String fields) throws IOException {
        return daemon.http.post("/v1/instances", "{\"handle\":\"box\"" + fields + "}");
    }

    private String info() throws IOException {
        return daemon.http.get("/v1/instances/box").body();
    }

    private void stop() throws IOException {
        assertThat(daemon.http.post("/v1/instances/box/stop", "").status()).isEqualTo(200);
    }

    @Test
    void whatIsGivenIsAppliedAndStored() throws Exception {
        create(",\"command\":[\"sleep\"],\"env\":{\"A\":\"1\"},\"idle_stop\":\"1h\",\"labels\":{\"team\":\"a\"}");
        daemon.awaitState("box", "running");
        stop();
        Http.Answer again = create(
                ",\"command\":[\"env\",\"A\"],\"env\":{\"A\":\"2\"},\"memory_mb\":1024,\"vcpus\":2,"
                        + "\"idle_pause\":\"never\",\"labels\":{\"team\":\"b\"},\"ttl\":\"1h\",\"cwd\":\"/srv\",\"user\":\"nobody\"");
        assertThat(again.status()).isEqualTo(200);
        daemon.awaitState("box", "stopped");
        assertThat(daemon.http.get("/v1/instances/box/logs?tail=2").body()).contains("\"line\":\"2\"");
        assertThat(daemon.vmm.last().spec().shape().memoryMb()).isEqualTo(1024);
        daemon.restart();
        assertThat(info())
                .contains("\"command\":[\"env\",\"A\"]", "\"memory_mb\":1024", "\"vcpus\":2", "\"team\":\"b\"")
                .contains("\"pause\":\"never\",\"stop\":\"1h\"", "\"expires_at\":\"", "\"cwd\":\"/srv\"")
                .contains("\"user\":\"nobody\"");
        assertThat(create(",\"ttl\":\"never\"").body()).doesNotContain("expires_at");
    }

    @Test
    void whatIsLeftOutStaysAndWhatIsEmptyTakesAway() throws Exception {
        daemon.http.send("PUT", "/v1/secrets/KEY", "{\"value\":\"v\"}");
        create(
                ",\"command\":[\"env\",\"A\"],\"env\":{\"A\":\"1\"},\"secrets\":[\"KEY@api.test\"],\"exposes\":[{\"port\":80}],"
                        + "\"allow\":[\"a.test\",\"from:web\"],\"deny\":[\"b.test\"],\"labels\":{\"team\":\"a\"}");
        daemon.awaitState("box", "stopped");
        assertThat(create("").status()).isEqualTo(200);
        daemon.awaitState("box", "stopped");
        assertThat(info())
                .contains("KEY@api.test", "\"expose_ports\":[80]", "a.test", "from:web", "b.test", "\"team\":\"a\"");
        assertThat(create(
                                ",\"volumes\":[],\"env\":{},\"secrets\":[],\"exposes\":[],\"allow\":[],\"deny\":[],\"labels\":{}")
                        .status())
                .as("as a client up to 0.2.0 gives all of them")
                .isEqualTo(200);
        daemon.awaitState("box", "stopped");
        assertThat(info())
                .contains("KEY@api.test", "\"expose_ports\":[80]", "a.test", "from:web", "b.test", "\"team\":\"a\"");
        assertThat(create(",\"env\":{},\"secrets\":[],\"exposes\":[],\"allow\":[],\"deny\":[],\"labels\":{}")
                        .status())
                .isEqualTo(200);
        daemon.awaitState("box", "stopped");
        assertThat(info())
                .contains("\"expose_ports\":[]", "\"mode\":\"allow\",\"allow\":[],\"deny\":[]")
                .doesNotContain("KEY@", "team");
        assertThat(daemon.http
                        .post("/v1/instances/box/exec", "{\"command\":[\"a\"]}")
                        .body())
                .contains("is stopped (its main process exited with code 0; its log has the output)");
        assertThat(daemon.http.get("/v1/instances/box/logs").body()).contains("\"line\":\"1\"", "\"line\":\"unset\"");
    }

    @Test
    void anIdIsAsGoodAsAHandle() throws Exception {
        String id = daemon.running("box");
        stop();
        Http.Answer again = daemon.http.post("/v1/instances", "{\"handle\":\"" + id + "\",\"vcpus\":2}");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).contains("\"handle\":\"box\"", "\"vcpus\":2");
    }

    @Test
    void itsImageAndItsDiskAreRefusedByNameUnlessTheyAreTheSame() throws Exception {
        create(",\"command\":[\"sleep\"],\"disk_mb\":64");
        daemon.awaitState("box", "running");
        stop();
        Http.Answer disk = create(",\"disk_mb\":128,\"vcpus\":2");
        assertThat(disk.status()).isEqualTo(400);
        assertThat(disk.body()).contains("the disk size of instance 'box' cannot be changed: it is 64 MB");
        assertThat(create(",\"image_ref\":\"debian:13\"").body())
                .contains("the image of instance 'box' cannot be changed: it is aegis:base");
        assertThat(info()).contains("\"vcpus\":1", "\"state\":\"stopped\"");
        assertThat(create(",\"disk_mb\":64").status()).isEqualTo(200);
    }

    @Test
    void nothingOfARunningOneIsChanged() throws Exception {
        daemon.running("box");
        Http.Answer refused = create(",\"vcpus\":2");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.body()).contains("handle_in_use", "is running");
        assertThat(info()).contains("\"vcpus\":1");
    }

    @Test
    void whatMakesNoSenseChangesNothing() throws Exception {
        daemon.running("box");
        stop();
        for (String bad : List.of(
                "\"memory_mb\":300",
                "\"secrets\":[\"NO\"]",
                "\"ttl\":\"soon\"",
                "\"cwd\":\"srv\"",
                "\"user\":\"\"",
                "\"timeout_ms\":0",
                "\"labels\":{\"-\":\"x\"}",
                "\"labels\":{\"a\":\"\\u0007\"}")) {
            assertThat(create(",\"vcpus\":2," + bad).status()).as(bad).isEqualTo(400);
        }
        assertThat(info()).contains("\"vcpus\":1", "\"state\":\"stopped\"");
    }

    @Test
    void theNewMemoryCountsWhenTheHostIsShort() throws Exception {
        daemon.running("box");
        stop();
        daemon.availableMb = 1024 + 512;
        assertThat(create(",\"memory_mb\":4096").status()).isEqualTo(503);
        assertThat(info()).contains("\"memory_mb\":512");
        assertThat(create("").status()).isEqualTo(200);
    }

    @Test
    void aStartThatIsWaitedForIsAnsweredWhenItRuns() throws Exception {
        Http.Answer answer =
                daemon.http.post("/v1/instances?wait=true", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.body()).contains("\"state\":\"running\"");
    }

    @Test
    void oneThatHasStartedAndEndedStays() throws Exception {
        assertThat(daemon.http
                        .post("/v1/instances?wait=true", "{\"command\":[\"exit\",\"7\"],\"handle\":\"box\"}")
                        .status())
                .isEqualTo(201);
        daemon.awaitState("box", "stopped");
        assertThat(info()).contains("\"exit_code\":7");
    }

    @Test
    void aNewOneThatNeverStartsIsDeletedAndItsLogTold() throws Exception {
        for (String command : List.of("missing", "broken")) {
            Http.Answer answer = daemon.http.post(
                    "/v1/instances?wait=true", "{\"command\":[\"" + command + "\"],\"handle\":\"box\"}");
            assertThat(answer.status()).isEqualTo(422);
            assertThat(answer.body())
                    .contains("\"exit_code\":" + (command.equals("missing") ? 127 : 126))
                    .contains("\"log\":[\"start failed: ");
            assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
        }
    }

    @Test
    void aStoredOneThatDoesNotStartStays() throws Exception {
        daemon.running("box");
        stop();
        Http.Answer answer =
                daemon.http.post("/v1/instances?wait=true", "{\"command\":[\"missing\"],\"handle\":\"box\"}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(info()).contains("\"state\":\"stopped\"", "command not found: missing");
    }

    @Test
    void whoeverWaitsForAStartThatIsStoppedIsToldSo() throws Exception {
        daemon.vmm.holdBack(new CompletableFuture<>());
        CompletableFuture<Http.Answer> start =
                daemon.later("POST", "/v1/instances?wait=true", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        daemon.awaitState("box", "starting");
        CompletableFuture<Http.Answer> stop = daemon.later("POST", "/v1/instances/box/stop");
        daemon.awaitTold("box", "aborting");
        daemon.vmm.release();
        assertThat(start.join().body()).contains("boot_failed", "stopped while it started");
        assertThat(stop.join().status()).isIn(200, 404);
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]"));
    }

    @Test
    void aNewOneWhoseClientLeavesBeforeTheAnswerIsDeleted() throws Exception {
        daemon.vmm.holdBack(new CompletableFuture<>());
        byte[] create = "{\"command\":[\"sleep\"],\"handle\":\"box\"}".getBytes(StandardCharsets.UTF_8);
        try (SocketChannel client = daemon.http.begin("POST", "/v1/instances?wait=true", create, "")) {
            daemon.awaitState("box", "starting");
            client.shutdownOutput();
            assertThat(client.read(ByteBuffer.allocate(1))).as("an answer").isEqualTo(-1);
        }
        daemon.awaitTold("box", "aborting");
        daemon.vmm.release();
        await().untilAsserted(() ->
                assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]"));
    }

    @Test
    void aStoredOneWhoseClientLeavesStays() throws Exception {
        daemon.running("box");
        stop();
        daemon.vmm.holdBack(new CompletableFuture<>());
        byte[] start = "{\"handle\":\"box\"}".getBytes(StandardCharsets.UTF_8);
        try (SocketChannel client = daemon.http.begin("POST", "/v1/instances?wait=true", start, "")) {
            daemon.awaitState("box", "starting");
            client.shutdownOutput();
            assertThat(client.read(ByteBuffer.allocate(1))).as("an answer").isEqualTo(-1);
        }
        daemon.vmm.release();
        daemon.awaitState("box", "running");
    }
}
