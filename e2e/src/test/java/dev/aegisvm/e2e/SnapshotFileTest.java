package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A snapshot goes to another home in a file, and goes on there; and there may be no more of them than fit. */
@Tag("vm")
@NotInOuterVm("what is in a snapshot is tested with KVM elsewhere")
class SnapshotFileTest {
    /** Where nothing but memory is. */
    private static final String COUNT = "/run/count";

    private static final String COUNTER = "i=0; while :; do i=$((i + 1)); echo $i > " + COUNT + "; sleep 0.2; done";

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @RegisterExtension
    static final HomeFixture OTHER = HomeFixture.create().withDaemon();

    @RegisterExtension
    static final HomeFixture SMALL =
            HomeFixture.create().with("AEGIS_SNAPSHOTS_MAX_MB", "40").withDaemon();

    @TempDir
    Path directory;

    private static int count(HomeFixture home, String name) {
        String read = "until [ -s " + COUNT + " ]; do :; done; cat " + COUNT;
        return Integer.parseInt(
                home.aegis("exec", name, "--", "sh", "-c", read).ok().stdout().strip());
    }

    @Test
    void itGoesOnInAnotherHome() {
        HOME.aegis("instance", "start", "--name", "base", "--", "sh", "-c", COUNTER)
                .ok();
        HOME.aegis("exec", "base", "--", "sh", "-c", "echo kept > /root/file; sync")
                .ok();
        int before = count(HOME, "base");
        HOME.aegis("snapshot", "create", "base", "ready").ok();
        String file = directory.resolve("ready.aegis").toString();
        HOME.aegis("snapshot", "export", "ready", file).ok();
        HOME.aegis("rm", "-f", "base").ok();

        assertThat(OTHER.aegis("snapshot", "import", file, "here").ok().stdout())
                .isEqualTo("here\n");
        assertThat(OTHER.aegis("snapshot", "list").ok().stdout()).contains("here", "memory");
        OTHER.aegis("fork", "here").ok();
        assertThat(count(OTHER, "here-1")).isGreaterThanOrEqualTo(before);
        OTHER.aegis("fork", "here", "--disk-only", "--name", "booted").ok();
        assertThat(OTHER.aegis("exec", "booted", "--", "cat", "/root/file").ok().stdout())
                .isEqualTo("kept\n");
    }

    @Test
    void moreThanMayBeIsRefusedBeforeItIsTaken() {
        SMALL.aegis("instance", "start", "--name", "base", "--", "sh", "-c", COUNTER)
                .ok();
        assertThat(count(SMALL, "base")).isPositive();
        HomeFixture.Result refused = SMALL.aegis("snapshot", "create", "base", "ready");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("snapshots_max_mb is 40", "aegis snapshot prune");
        assertThat(SMALL.aegis("snapshot", "list", "-q").ok().stdout()).isEmpty();
        SMALL.aegis("snapshot", "create", "base", "disk", "--disk-only").ok();
        assertThat(count(SMALL, "base")).isPositive();
    }
}
