package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The home's disk is full: the user is told, only what needs more space fails, and nothing half made stays. */
@Tag("vm")
@NotInOuterVm("the host's disk")
class FullDiskTest {
    private static final int MEGABYTES = 64;

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().with("AEGIS_LOG_FILE_MB", "1");

    /** Closed after the home. */
    @AutoClose
    private SmallDisk disk;

    @BeforeEach
    void mount() throws IOException {
        disk = new SmallDisk(home.directory(), MEGABYTES);
        home.within(disk.enter());
    }

    @Test
    void whoNeedsSpaceIsToldAndTheOthersGoOn() throws IOException {
        home.startBox();
        disk.fill();
        refusedFor("host's disk is full");
        assertThat(home.aegis("exec", "box", "--", "echo", "goes on").ok().stdout())
                .isEqualTo("goes on\n");
        // Several log files full of output, none of which can be written: the reader gets it all.
        String flood = "head -c 3000000 /dev/zero | tr '\\0' x | fold";
        assertThat(home.aegis("exec", "box", "--", "sh", "-c", flood)
                        .ok()
                        .stdout()
                        .length())
                .isGreaterThan(3_000_000);
        // The host has no room for what the guest writes: the guest gets an error and does not hang.
        HomeFixture.Result write = home.aegis(
                "exec", "box", "--", "dd", "if=/dev/urandom", "of=/root/big", "bs=1M", "count=16", "conv=fsync");
        assertThat(write.exitCode()).isEqualTo(1);
        assertThat(write.stderr()).contains("Input/output error");
        assertThat(home.aegis("exec", "box", "--", "echo", "alive").ok().stdout())
                .isEqualTo("alive\n");
        disk.empty();
        home.aegis("exec", "box", "--", "true").ok();
        assertThat(home.aegis("exec", "box", "--", "echo", "logged again").ok().stdout())
                .isNotEmpty();
        assertThat(home.aegis("logs", "box").ok().stdout())
                .contains("log entries could not be written", "logged again");
        home.aegis("instance", "delete", "box").ok();
        assertThat(home.aegis("run", "--", "echo", "as ever").ok().stdout()).isEqualTo("as ever\n");
        // The client of a run does not wait until everything is deleted.
        await().atMost(Duration.ofSeconds(30)).until(() -> instanceDirectories().isEmpty());
    }

    @Test
    void anInstanceWhoseDiskFindsNoRoomLeavesNothing() throws IOException {
        home.startBox();
        disk.fillBut(2048);
        refusedFor("No space left on device");
    }

    @Test
    void aSnapshotWithMemoryIsRefusedBeforeItFillsTheDisk() throws IOException {
        home.startBox();
        HomeFixture.Result refused = home.aegis("snapshot", "create", "box", "whole");
        assertThat(refused.exitCode()).isNotZero();
        assertThat(refused.stderr()).contains("MB must stay free", "--disk-only");
        home.aegis("snapshot", "create", "box", "disk", "--disk-only").ok();
        assertThat(home.aegis("snapshot", "list", "--json").ok().stdout())
                .contains("\"disk\"")
                .doesNotContain("\"whole\"");
        home.aegis("exec", "box", "--", "true").ok();
    }

    @Test
    void aFullDiskCanBeFreedByDelete() throws IOException {
        home.startBox();
        // There is no room to record the deletion, either.
        disk.fill();
        home.aegis("instance", "delete", "box").ok();
        assertThat(home.aegis("instance", "list", "--json").ok().stdout().strip())
                .isEqualTo("[]");
        assertThat(home.vmPids()).isEmpty();
        assertThat(instanceDirectories()).isEmpty();
        disk.empty();
        home.aegis("down").ok();
        assertThat(home.aegis("instance", "list", "--json").ok().stdout().strip())
                .isEqualTo("[]");
    }

    @Test
    void aDaemonThatFindsNoRoomSaysSoInOneSentence() throws IOException {
        disk.fill();
        HomeFixture.Result up = home.aegis("up");
        assertThat(up.exitCode()).isEqualTo(1);
        assertThat(up.stderr())
                .contains("KB free", home.directory().toString(), "df -h")
                .doesNotContain("\tat ");
        disk.empty();
        home.aegis("up").ok();
    }

    /** A run is refused with the reason and the next step, and leaves nothing behind. */
    private void refusedFor(String reason) throws IOException {
        HomeFixture.Result run = home.aegis("run", "--", "echo", "hi");
        assertThat(run.exitCode()).isEqualTo(125);
        assertThat(run.stderr()).contains(reason, "df -h");
        assertThat(run.stdout()).isEmpty();
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            assertThat(home.aegis("instance", "list", "--json").ok().stdout()).containsOnlyOnce("\"id\"");
            assertThat(instanceDirectories()).hasSize(1);
            assertThat(home.vmPids()).hasSize(1);
        });
    }

    private List<String> instanceDirectories() throws IOException {
        try (Stream<Path> all = Files.list(disk.file("data/instances"))) {
            return all.map(Path::toString).toList();
        }
    }
}
