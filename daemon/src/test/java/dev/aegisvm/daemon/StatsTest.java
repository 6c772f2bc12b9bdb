package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.api.StatsView.DiskView;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.vmm.fake.FakeVmm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What instances use, seen from the host: each VM of this daemon is a real process that does nothing. */
class StatsTest {
    private static final long MEBIBYTE = 1 << 20;

    @TempDir
    Path directory;

    private DaemonHarness daemon;

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.openWith(directory, FakeVmm.withProcesses());
    }

    @AfterEach
    void close() {
        daemon.close();
    }

    private List<StatsView> all() throws IOException {
        byte[] answer = daemon.http.get("/v1/stats").body().getBytes(StandardCharsets.UTF_8);
        return ApiJson.read(Routes.ALL_STATS.answer(), answer);
    }

    @Test
    void tellsOfAllAtOnceAndWakesNobody() throws Exception {
        for (String state : List.of("running", "paused", "stopped")) {
            daemon.bring("is-" + state, state);
        }
        String events = daemon.http.get("/v1/events").body();
        List<StatsView> all = all();
        assertThat(all).extracting(StatsView::handle).containsExactly("is-running", "is-paused", "is-stopped");
        assertThat(all)
                .extracting(StatsView::state)
                .containsExactly(InstanceStatus.RUNNING, InstanceStatus.PAUSED, InstanceStatus.STOPPED);
        for (StatsView each : all.subList(0, 2)) {
            assertThat(each.cpuMs()).isNotNegative();
            MemoryView memory = Objects.requireNonNull(each.memory());
            assertThat(memory.unique()).isPositive();
            assertThat(memory.shared()).isPositive();
            assertThat(memory.limit()).isEqualTo(512 * MEBIBYTE);
        }
        StatsView stopped = all.getLast();
        assertThat(stopped.cpuMs()).isNull();
        assertThat(stopped.memory()).isNull();
        DiskView disk = Objects.requireNonNull(stopped.disk());
        assertThat(disk.used()).isPositive();
        assertThat(disk.limit()).isEqualTo(8192 * MEBIBYTE);
        assertThat(daemon.http.get("/v1/instances/is-paused/stats").body())
                .contains("\"state\":\"paused\"", "\"wakes\":{\"paused\":{\"count\":0");
        assertThat(daemon.http.get("/v1/events").body()).isEqualTo(events);
    }

    @Test
    void countsWhatIsRelayed() throws Exception {
        ExposedPorts ports = new ExposedPorts(daemon);
        int port = ports.running("web", 80);
        ExposedPorts.assertEchoes(port);
        ExposedPorts.assertEchoes(port);
        await().untilAsserted(() -> assertThat(all().getFirst().network())
                .extracting(StatsView.NetworkView::relayedIn, StatsView.NetworkView::relayedOut)
                .containsExactly(2L * ExposedPorts.HELLO.length(), 2L * ExposedPorts.HELLO.length()));
    }
}
