package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.WakesView;
import dev.aegisvm.vmm.fake.FakeVmm;
import dev.aegisvm.vmm.fake.ScriptedGuest;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An instance that nobody uses falls asleep, and one that is used does not. */
class IdleTest {
    /** Looks that are made within more than twice the second for which these instances may be idle. */
    private static final int LOOKS = 6;

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private void sleepy(String stop) throws IOException {
        daemon.create(
                "{\"command\":[\"sleep\"],\"handle\":\"box\",\"idle_pause\":\"1s\",\"idle_stop\":\"" + stop + "\"}");
        daemon.awaitState("box", "running");
    }

    private ScriptedGuest guest() {
        return daemon.vmm.last().guest();
    }

    private InstanceView view() throws IOException {
        return ApiJson.answer(
                InstanceView.class, daemon.http.get("/v1/instances/box").body().getBytes(StandardCharsets.UTF_8));
    }

    private IdleView idle() throws IOException {
        return Objects.requireNonNull(view().idle());
    }

    private void awaitActivity(String pattern) {
        await().untilAsserted(() -> assertThat(idle().activity()).matches(pattern));
    }

    /** It has been looked at for longer than it may be idle, and runs. */
    private void staysAwakeBecause(String reason) throws IOException {
        int looks = guest().calls("health") + LOOKS;
        awaitActivity("awake: " + reason);
        await().until(() -> guest().calls("health") >= looks);
        assertThat(view().state().wire()).isEqualTo("running");
        assertThat(idle().activity()).matches("awake: " + reason);
    }

    @Test
    void itIsPausedAndThenStoppedAndSaysWhy() throws Exception {
        sleepy("3s");
        assertThat(idle().pause()).isEqualTo("1s");
        awaitActivity("awake: (it was used 0s ago; its idle timeout is|its guest's activity is measured over) 1s");
        daemon.awaitState("box", "paused");
        assertThat(daemon.vmm.last().paused()).isTrue();
        assertThat(idle().activity()).matches("asleep since [^ ]+: idle for 1s; it is stopped at [^ ]+");
        int looks = guest().calls("health");
        daemon.awaitState("box", "stopped");
        assertThat(guest().calls("health")).isEqualTo(looks);
        assertThat(view().reason()).isEqualTo("idle: paused for 3s");
        assertThat(view().enabled()).isTrue();
        assertThat(idle().activity()).matches("asleep since [^ ]+: idle: paused for 3s");
        daemon.restart();
        assertThat(idle().activity()).matches("asleep since [^ ]+: idle: paused for 3s");
        assertThat(idle().stop()).isEqualTo("3s");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "paused");
    }

    @Test
    void oneThatIsNeverPausedIsStoppedWhereThatWasAsked() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\",\"idle_pause\":\"never\",\"idle_stop\":\"1s\"}");
        daemon.awaitState("box", "stopped");
        assertThat(view().reason()).isEqualTo("idle for 1s");
    }

    @Test
    void oneThatNothingCouldWakeStaysAwake() throws Exception {
        daemon.running("box");
        assertThat(idle().pause()).isEqualTo("never");
        assertThat(idle().activity()).isEqualTo("awake: it exposes no port, so a connection could not wake it");
        assertThat(guest().calls("health")).isZero();
    }

    @Test
    void aGuestThatWorksIsNotIdle() throws Exception {
        sleepy("never");
        guest().busy(true);
        staysAwakeBecause("its guest used [0-9.]+ % of a vCPU in the last 1s");
        guest().busy(false);
        daemon.awaitState("box", "paused");
    }

    @Test
    void aGuestThatTalksToTheNetworkIsNotIdle() throws Exception {
        sleepy("never");
        guest().busyNetwork(true);
        staysAwakeBecause("its guest moved [0-9]+ bytes over the network in the last 1s");
        guest().busyNetwork(false);
        daemon.awaitState("box", "paused");
    }

    /** From its accept on, also where nobody listens in the guest. */
    @Test
    void aConnectionKeepsItAwakeAndWakesIt() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\",\"idle_pause\":\"1s\",\"idle_stop\":\"never\","
                + "\"exposes\":[{\"port\":80}]}");
        daemon.awaitState("box", "running");
        int port = view().endpoints().getFirst().publicPort();
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            staysAwakeBecause("a connection is open");
        }
        daemon.awaitState("box", "paused");
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            awaitActivity("awake: a connection is open");
        }
        daemon.awaitState("box", "paused");
        assertThat(stats().wakes().paused().count()).isEqualTo(1);
    }

    @Test
    void oneWithAnExposedPortHasTheDaemonsTimes() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\",\"exposes\":[{\"port\":80}]}");
        assertThat(idle().pause()).isEqualTo("1m");
        assertThat(idle().stop()).isEqualTo("5m");
    }

    @Test
    void anExecKeepsItAwakeAndWatchingDoesNot() throws Exception {
        sleepy("never");
        CompletableFuture<Http.Answer> logs = daemon.later("GET", "/v1/instances/box/logs?follow=true");
        CompletableFuture<Http.Answer> events = daemon.later("GET", "/v1/events?follow=true");
        String exec = daemon.http
                .post("/v1/instances/box/exec", "{\"command\":[\"sleep\"],\"detach\":true}")
                .body()
                .replaceAll(".*\"exec_id\":\"([^\"]+)\".*", "$1");
        staysAwakeBecause("an exec is running");
        daemon.http.delete("/v1/instances/box/execs/" + exec);
        daemon.awaitState("box", "paused");
        assertThat(logs).isNotDone();
        assertThat(events).isNotDone();
        Http.Answer woken = daemon.http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}");
        assertThat(woken.body()).contains("\"exit_code\":0");
        daemon.awaitState("box", "paused");
    }

    @Test
    void aKeepaliveHoldsItAwakeAndWakesIt() throws Exception {
        sleepy("never");
        Http.Answer held = daemon.http.post("/v1/instances/box/keepalive", "{\"duration\":\"1h\"}");
        assertThat(held.body()).startsWith("{\"status\":\"held\",\"until\":");
        staysAwakeBecause("a keepalive keeps it running until " + idle().keepaliveUntil());
        assertThat(daemon.http.delete("/v1/instances/box/keepalive").body()).isEqualTo("{\"status\":\"released\"}");
        daemon.awaitState("box", "paused");
        assertThat(daemon.http.post("/v1/instances/box/keepalive", "").status()).isEqualTo(200);
        assertThat(view().state().wire()).isEqualTo("running");
        daemon.http.post("/v1/instances/box/keepalive", "{\"duration\":\"1s\"}");
        daemon.awaitState("box", "paused");
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(daemon.http.post("/v1/instances/box/keepalive", "").status()).isEqualTo(409);
        assertThat(idle().keepaliveUntil()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/box/keepalive | {\"duration\":\"0s\"}                         | duration must be 1s to 1d, not '0s'",
                "/box/keepalive | {\"duration\":\"25h\"}                        | duration must be 1s to 1d, not '25h'",
                "/box/keepalive | {\"duration\":\"soon\"}                       | duration must be a number followed by d, h, m or s",
                "/box/keepalive | {\"for\":\"1h\"}                              | unknown field 'for'",
                "               | {\"command\":[\"sleep\"],\"idle_pause\":\"0s\"} | idle_pause must be 'never' or 1s to 365d, not '0s'",
                "               | {\"command\":[\"sleep\"],\"idle_stop\":\"x\"}   | idle_stop must be 'never' or 1s to 365d, not 'x'",
            })
    void aTimeThatIsNoneIsRefused(String path, String body, String error) throws IOException {
        daemon.running("box");
        Http.Answer refused = daemon.http.post("/v1/instances" + Objects.requireNonNullElse(path, ""), body);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body()).contains(error);
    }

    /** What comes while it is being paused does not wait for a timer. */
    @ParameterizedTest
    @CsvSource({"/exec,{\"command\":[\"exit\";\"0\"]}", "/keepalive,{}", "/resume,{}"})
    void aPauseThatIsUnderWayIsUndoneByARequest(String path, String body) throws Exception {
        daemon.vmm.holdBack(FakeVmm.Moment.PAUSE, new CompletableFuture<>());
        sleepy("never");
        daemon.awaitTold("box", "pausing");
        CompletableFuture<Http.Answer> answer =
                daemon.later("POST", "/v1/instances/box" + path, body.replace(';', ','));
        await().until(() -> daemon.http.get("/v1/status").status() == 200);
        daemon.vmm.release();
        assertThat(answer.join().status()).isEqualTo(200);
        assertThat(daemon.vmm.all()).hasSize(1);
    }

    @Test
    void wakesAreCountedByWhatItWokeFrom() throws Exception {
        daemon.running("box");
        assertThat(wakes()).isEqualTo("paused 0 0, stopped 0 0");
        assertThat(Objects.requireNonNull(stats().wakes().paused()).p50Ms()).isNull();
        daemon.http.post("/v1/instances/box/pause", "");
        daemon.http.post("/v1/instances/box/resume", "");
        daemon.http.post("/v1/instances/box/pause", "");
        daemon.http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}");
        assertThat(wakes()).isEqualTo("paused 2 0, stopped 0 0");
        assertThat(stats().wakes().paused().p99Ms()).isPositive();
        daemon.http.post("/v1/instances/box/stop", "");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        assertThat(wakes()).isEqualTo("paused 2 0, stopped 1 0");
        daemon.http.post("/v1/instances/box/stop", "");
        daemon.vmm.refuse("not now");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "stopped");
        assertThat(wakes()).isEqualTo("paused 2 0, stopped 1 1");
        daemon.vmm.refuse(null);
        daemon.restart();
        assertThat(wakes()).isEqualTo("paused 0 0, stopped 0 0");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        assertThat(wakes()).isEqualTo("paused 0 0, stopped 1 0");
    }

    private StatsView stats() throws IOException {
        return ApiJson.answer(
                StatsView.class,
                daemon.http.get("/v1/instances/box/stats").body().getBytes(StandardCharsets.UTF_8));
    }

    private String wakes() throws IOException {
        WakesView wakes = stats().wakes();
        return "paused " + wakes.paused().count() + " " + wakes.paused().failed() + ", stopped "
                + wakes.stopped().count() + " " + wakes.stopped().failed();
    }

    @Test
    void oneThatSomebodyPausedIsNotStoppedForBeingIdle() throws Exception {
        sleepy("3s");
        daemon.http.post("/v1/instances/box/pause", "");
        assertThat(idle().activity()).matches("asleep since [^ ]+: pause requested");
        assertThat(daemon.http.post("/v1/instances/box/resume", "").status()).isEqualTo(200);
        daemon.awaitState("box", "paused");
        assertThat(idle().activity()).matches("asleep since [^ ]+: idle for 1s; it is stopped at [^ ]+");
    }
}
