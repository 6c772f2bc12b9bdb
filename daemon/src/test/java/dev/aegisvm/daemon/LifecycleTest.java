package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.StreamFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of an instance's record and disk in the course of its life. */
class LifecycleTest {
    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private InstanceView view(String name) throws IOException {
        return ApiJson.answer(
                InstanceView.class,
                daemon.http.get("/v1/instances/" + name).body().getBytes(StandardCharsets.UTF_8));
    }

    /** How an instance can come to rest, and what there is of it then; "kept" are its logs and its disk. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            value = {
                "what happens       | state   | enabled | in list | kept  | VM",
                "process exits      | stopped | true    | true    | true  | none",
                "stop               | stopped | true    | true    | true  | none",
                "disable            | stopped | false   | true    | true  | none",
                "pause              | paused  | true    | true    | true  | suspended",
                "delete             |         |         | false   | false | none",
                "run's process ends |         |         | false   | false | none",
                "run's client goes  |         |         | false   | false | none",
            })
    @SuppressWarnings("checkstyle:ParameterNumber")
    void eachEndOfARunLeavesWhatItShould(
            String what, @Nullable String state, @Nullable Boolean enabled, boolean listed, boolean kept, String vm)
            throws IOException {
        String id = make(what);
        await().untilAsserted(() -> assertThat(daemon.http.get("/v1/events").body())
                .containsPattern("\"to\":\"(stopped|disabled|paused|deleted)\""));
        if (state == null) {
            assertThat(daemon.http.get("/v1/instances/" + id).status()).isEqualTo(404);
        } else {
            assertThat(view(id).state().wire()).isEqualTo(state);
            assertThat(view(id).enabled()).isEqualTo(enabled);
        }
        assertThat(daemon.http.get("/v1/instances").body().contains(id)).isEqualTo(listed);
        assertThat(Files.exists(daemon.home.logs().resolve(id + ".ndjson"))).isEqualTo(kept);
        assertThat(Files.exists(daemon.home.instance(id).resolve("disk.raw"))).isEqualTo(kept);
        assertThat(daemon.vmm.last().exit().isDone()).isEqualTo(vm.equals("none"));
        assertThat(daemon.vmm.last().paused()).isEqualTo(vm.equals("suspended"));
    }

    /** Makes an instance that has written something, and lets that happen to it. */
    private String make(String what) throws IOException {
        if (what.startsWith("run")) {
            String id = daemon.create("{\"command\":[\"cat\"],\"ephemeral\":true}");
            try (Http.Connection client = daemon.http.upgrade("/v1/instances/" + id + "/attach", "")) {
                daemon.awaitState(id, "running");
                assertThat(daemon.home.instance(id).resolve("disk.raw")).exists();
                if (what.equals("run's process ends")) {
                    client.channel.write(ByteBuffer.wrap(StreamFrame.stdinEnd().encode()));
                    client.in.readAllBytes();
                }
            }
            return id;
        }
        boolean exits = what.equals("process exits");
        String id = daemon.create("{\"command\":[\"" + (exits ? "print" : "greet") + "\",\"hello\"]}");
        await().untilAsserted(() -> assertThat(
                        daemon.http.get("/v1/instances/" + id + "/logs").body())
                .contains("hello"));
        if (what.equals("delete")) {
            daemon.http.delete("/v1/instances/" + id);
        } else if (!exits) {
            daemon.http.post("/v1/instances/" + id + "/" + what, "");
        }
        return id;
    }

    @Test
    void aHostThatIsShortOfMemoryStartsNothingAndKeepsNothing() throws Exception {
        daemon.availableMb = 1151;
        Http.Answer refused = daemon.http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.body()).contains("\"code\":\"host_memory_low\"", "1152 MB", "'box'");
        assertThat(daemon.http.get("/v1/instances").body()).isEqualTo("[]");
        assertThat(daemon.home.instances()).isEmptyDirectory();
        daemon.availableMb = 1152;
        daemon.running("box");
        daemon.http.post("/v1/instances/box/stop", "");
        daemon.availableMb = 1151;
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(503);
        assertThat(daemon.http.post("/v1/instances", "{\"handle\":\"box\"}").status())
                .isEqualTo(503);
        assertThat(view("box").state().wire()).isEqualTo("stopped");
        daemon.availableMb = 1152;
        assertThat(daemon.http.post("/v1/instances/box/start", "").status()).isEqualTo(200);
        daemon.awaitState("box", "running");
        assertThat(daemon.vmm.all()).hasSize(2);
    }

    @Test
    void theDiskHasTheSizeThatWasAskedForAndSaysWhatItUses() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"small\",\"disk_mb\":64}");
        daemon.awaitState("small", "running");
        assertThat(daemon.vmm.last().spec().diskSizeMb()).isEqualTo(64);
        assertThat(view("small").diskMb()).isEqualTo(64);
        String id = view("small").id();
        long before = used("small");
        Files.write(daemon.home.instance(id).resolve("disk.raw"), new byte[1 << 20]);
        assertThat(used("small")).isGreaterThanOrEqualTo(1 << 20).isGreaterThan(before);
        daemon.restart();
        assertThat(view("small").diskMb()).isEqualTo(64);
        daemon.running("usual");
        assertThat(view("usual").diskMb()).isEqualTo(8192);
    }

    private long used(String name) throws IOException {
        Long bytes = view(name).diskUsedBytes();
        return bytes == null ? -1 : bytes;
    }

    @Test
    void usingItIsActivityAndWatchingItIsNot() throws Exception {
        daemon.running("box");
        Instant begun = lastActive();
        await().until(() -> Instant.now().isAfter(begun.plusMillis(2)));
        daemon.http.get("/v1/instances");
        daemon.http.get("/v1/instances/box/logs");
        daemon.http.get("/v1/events");
        assertThat(lastActive()).isEqualTo(begun);
        daemon.http.post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}");
        Instant used = lastActive();
        assertThat(used).isAfter(begun);
        daemon.http.post("/v1/instances/box/stop", "");
        assertThat(daemon.http
                        .post("/v1/instances/box/exec", "{\"command\":[\"exit\",\"0\"]}")
                        .status())
                .isEqualTo(409);
        daemon.restart();
        assertThat(lastActive()).isEqualTo(used);
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "running");
        assertThat(lastActive()).isAfter(used);
    }

    private Instant lastActive() throws IOException {
        Instant at = view("box").lastActiveAt();
        assertThat(at).isNotNull();
        return at == null ? Instant.EPOCH : at;
    }

    @Test
    void howARunEndedIsForgottenWhenTheNextBegins() throws Exception {
        daemon.create("{\"command\":[\"exit\",\"7\"],\"handle\":\"box\"}");
        daemon.awaitState("box", "stopped");
        InstanceView ended = view("box");
        assertThat(ended.exitCode()).isEqualTo(7);
        assertThat(ended.stoppedAt()).isAfterOrEqualTo(ended.createdAt());
        assertThat(ended.reason()).contains("code=7");
        daemon.restart();
        assertThat(view("box").exitCode()).isEqualTo(7);
        assertThat(view("box").stoppedAt()).isEqualTo(ended.stoppedAt());
        assertThat(view("box").reason()).isEqualTo(ended.reason());
        daemon.vmm.refuse("not now");
        daemon.http.post("/v1/instances/box/start", "");
        daemon.awaitState("box", "stopped");
        assertThat(view("box").exitCode()).isNull();
        assertThat(view("box").stoppedAt()).isAfter(ended.stoppedAt());
        assertThat(view("box").reason()).contains("not now");
    }
}
