package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Instances that are stopped, or wait for their client: what is asked of them, and of the host. */
@Timeout(60)
class UnattachedTest {
    private static final String EPHEMERAL = "{\"command\":[\"sleep\"],\"ephemeral\":true,\"handle\":\"job\"}";

    @TempDir
    Path directory;

    @Test
    void anInstanceToWhichNobodyAttachesIsDeleted() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(), Duration.ofMillis(1))) {
            daemon.create(EPHEMERAL);
            await().untilAsserted(() ->
                    assertThat(daemon.http.get("/v1/instances/job").status()).isEqualTo(404));
            assertThat(daemon.http.get("/v1/events").body()).contains("no client attached to it within");
            await().until(() -> daemon.http.get("/v1/events").body().contains("\"to\":\"deleted\""));
            daemon.running("job");
        }
    }

    @Test
    void anInstanceThatHasItsClientStays() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(), Duration.ofSeconds(3))) {
            daemon.create(EPHEMERAL);
            try (Http.Connection client = daemon.http.upgrade("/v1/instances/job/attach", "")) {
                assertThat(client.status()).isEqualTo(101);
                // This one's time is over later than the other's.
                daemon.create(EPHEMERAL.replace("job", "other"));
                await().untilAsserted(() -> assertThat(
                                daemon.http.get("/v1/instances/other").status())
                        .isEqualTo(404));
                assertThat(daemon.http.get("/v1/instances/job").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void aRefusalSaysThatItWaitsForItsClient() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            daemon.create(EPHEMERAL);
            Http.Answer created = daemon.http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"job\"}");
            assertThat(created.status()).isEqualTo(409);
            assertThat(created.body()).contains("handle_in_use", "no client is attached", "delete it, or attach to it");
            assertThat(daemon.http.post("/v1/instances/job/start", "").body())
                    .contains("wrong_state", "no client is attached", "delete it, or attach to it");
        }
    }

    @Test
    void theHostIsAskedForItsMemoryOnlyBeforeABoot() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.open(directory)) {
            daemon.bring("box", "stopped");
            daemon.bug = new AssertionError("nobody needs to know");
            for (String action : List.of("stop", "pause", "keepalive", "disable")) {
                assertThat(daemon.http.post("/v1/instances/box/" + action, "").status())
                        .as(action)
                        .isNotEqualTo(500);
            }
            daemon.bug = null;
        }
    }
}
