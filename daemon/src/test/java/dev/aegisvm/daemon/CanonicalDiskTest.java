package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.fake.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An instance that was saved under one backend goes on under another: with its disk, but not with memory that was saved. */
class CanonicalDiskTest {
    private static final String TAKE = "/v1/instances/box/snapshots";

    @TempDir
    Path directory;

    private static void ok(Http.Answer answer) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    }

    private static void start(DaemonHarness daemon) throws IOException {
        ok(daemon.http.post("/v1/instances/box/start", ""));
        daemon.awaitState("box", "running");
    }

    private static List<String> lines(DaemonHarness daemon, String snapshot) throws IOException {
        ok(daemon.http.post(
                "/v1/instances/" + snapshot + "/fork", "{\"name\":\"of-" + snapshot + "\",\"disk_only\":true}"));
        return Files.readAllLines(daemon.vmm.last().spec().disk());
    }

    private static void refused(Http.Answer answer) {
        assertThat(answer.status()).isEqualTo(501);
        assertThat(answer.body()).contains("was saved by the backend fake", "VMs here run on small", "--disk-only");
    }

    @Test
    void aDiskGoesFromOneToTheOtherAndBack() throws Exception {
        String first;
        Path disk;
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(Profile.QEMU))) {
            String id = daemon.running("box");
            first = "disk of " + id;
            disk = daemon.home.instance(id).resolve("disk.raw");
            daemon.vmm.last().write("one");
            ok(daemon.http.post(TAKE, "{\"name\":\"first\"}"));
            daemon.vmm.last().write("two");
            ok(daemon.http.post(TAKE, "{\"name\":\"second\"}"));
            daemon.vmm.last().write("three");
            assertThat(new DiskChain(disk).files()).hasSize(3);
        }
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(Profile.SMALL))) {
            start(daemon);
            assertThat(new DiskChain(disk).files()).hasSize(1);
            assertThat(disk).content().isEqualTo(first + "\none\ntwo\nthree\n");
            assertThat(lines(daemon, "first")).containsExactly(first, "one");
            assertThat(lines(daemon, "second")).containsExactly(first, "one", "two");
            refused(daemon.http.post("/v1/instances/second/fork", "{}"));
            refused(daemon.http.post("/v1/instances/box/rewind", "{\"snapshot\":\"first\"}"));
            ok(daemon.http.post("/v1/instances/box/rewind", "{\"snapshot\":\"second\",\"disk_only\":true}"));
            daemon.vmm.last().write("four");
            ok(daemon.http.post("/v1/instances/box/stop", ""));
            ok(daemon.http.post(TAKE, "{\"name\":\"third\"}"));
            start(daemon);
            daemon.vmm.last().write("five");
        }
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(Profile.QEMU))) {
            start(daemon);
            assertThat(disk).content().isEqualTo(first + "\none\ntwo\nfour\nfive\n");
            assertThat(lines(daemon, "third")).containsExactly(first, "one", "two", "four");
            ok(daemon.http.post("/v1/instances/second/fork", "{\"name\":\"with-memory\"}"));
            assertThat(daemon.vmm.last().spec().snapshot()).isPresent();
        }
    }

    /** Who waits for a start looks there for what takes long. */
    @Test
    void theLogSaysOnceThatOneFileIsMadeOfIt() throws Exception {
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(Profile.QEMU))) {
            daemon.running("box");
            ok(daemon.http.post(TAKE, "{\"name\":\"first\"}"));
            daemon.vmm.last().write("one");
        }
        try (DaemonHarness daemon = DaemonHarness.openWith(directory, new FakeVmm(Profile.SMALL))) {
            for (int starts = 0; starts < 2; starts++) {
                start(daemon);
                assertThat(daemon.http
                                .get("/v1/instances/box/logs?source=system")
                                .body())
                        .containsOnlyOnce("making one file of the disk, which is in 2 and has ");
                ok(daemon.http.post("/v1/instances/box/stop", ""));
            }
        }
    }
}
