package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.testkit.TestHome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What an instance wrote is there when it starts again, and it writes no more than its share.
 *
 * <p>A reboot of the host is modelled by killing the daemon and the VM at once. The host's kernel survives that with what it
 * had not written yet, so this does not show that a guest's flushes reach the device; that they are asked for is pinned by
 * the command lines of {@code QemuCommandLineTest}. Nor does it change the host's boot id.
 */
@Tag("vm")
@NotInOuterVm("a disk is the same device with any accelerator")
class DiskTest {
    @RegisterExtension
    static final HomeFixture HOME =
            HomeFixture.create().with("AEGIS_DISK_MAX_MB", "16384").withDaemon();

    private static final long MB = 1 << 20;

    @Test
    void whatWasSyncedSurvivesTheDeathOfTheVm() throws IOException {
        start();
        inBox("echo synced > /root/f; sync /root/f").ok();
        try (Events events = Events.of(HOME)) {
            killVm();
            events.await("box", "stopped");
        }
        start();
        assertThat(inBox("cat /root/f").ok().stdout()).isEqualTo("synced\n");
    }

    @Test
    void whatWasSyncedSurvivesTheDeathOfTheDaemon() throws IOException {
        start();
        inBox("echo synced > /root/f; sync /root/f").ok();
        HOME.killDaemon();
        start();
        assertThat(inBox("cat /root/f").ok().stdout()).isEqualTo("synced\n");
    }

    /** A writer tells each file when it is synced; the VM and the daemon die while it writes. */
    @Test
    void theJournalIsReplayedAndEveryFileThatWasToldIsWhole() throws IOException {
        start();
        HomeFixture.Running writer = HOME.start("exec", "box", "--", "python3", "-c", """
                import os
                n = 0
                while True:
                    n += 1
                    with open(f'/root/{n}', 'w') as f:
                        f.write(f'{n}\\n' * 1000)
                        f.flush()
                        os.fsync(f.fileno())
                    print(n, flush=True)
                """);
        await().until(() -> writer.soFar().lines().count() > 50);
        killVm();
        HOME.killDaemon();
        writer.await();
        long told = writer.soFar().lines().count();
        assertThat(run("dumpe2fs", "-h", disk().toString())).contains("needs_recovery");
        start();
        assertThat(inBox("for n in $(seq " + told
                                + "); do yes $n | head -n 1000 | cmp - /root/$n || exit 1; done; echo whole")
                        .ok()
                        .stdout())
                .isEqualTo("whole\n");
        HOME.aegis("instance", "stop", "box").ok();
        assertClean();
    }

    @Test
    void whatWasWrittenIsThereAfterAStopADisableAndADown() throws IOException {
        start();
        for (List<String> end :
                List.of(List.of("instance", "stop", "box"), List.of("instance", "disable", "box"), List.of("down"))) {
            String text = String.join(" ", end);
            inBox("echo " + text + " > /root/f; head -c 20000000 /dev/urandom | tee /root/big | sha256sum > /root/sum")
                    .ok();
            HOME.aegis(end.toArray(String[]::new)).ok();
            assertClean();
            start();
            assertThat(inBox("cat /root/f; sha256sum < /root/big | cmp - /root/sum && echo whole")
                            .ok()
                            .stdout())
                    .isEqualTo(text + "\nwhole\n");
        }
    }

    @Test
    void aDiskHoldsWhatWasAskedForAndNoMoreWhoeverWrites() throws IOException {
        start("--disk", "128M");
        assertThat(view().diskMb()).isEqualTo(128);
        long before = used();
        assertThat(inBox("dd if=/dev/urandom of=/root/full bs=1M").stderr()).contains("No space left on device");
        assertThat(inBox("sync").exitCode()).isZero();
        assertThat(used()).isBetween(before + 64 * MB, 129 * MB);
        // A full disk prevents neither the stop nor the next start.
        HOME.aegis("instance", "stop", "box").ok();
        assertClean();
        start();
        inBox("rm /root/full && echo room > /root/f; sync").ok();
        String past = "dd if=/dev/zero of=/dev/vdb bs=1M count=1 conv=fsync seek=128";
        assertThat(inBox(past).exitCode())
                .as("a write past the end of the device")
                .isNotZero();
    }

    /** The limit of the size of what its process writes does not stand in the way. */
    @Test
    @Tag("check-all")
    void aDiskCanBeFullOfWhatIsOlderThanASnapshotAndThenOfWhatIsNewer() throws IOException {
        start("--disk", "768M", "--memory", "256M");
        String fill = "dd if=/dev/zero of=/root/full bs=1M; sync && echo synced";
        assertThat(inBox(fill).ok().stdout()).isEqualTo("synced\n");
        assertThat(used()).isGreaterThan(700 * MB);
        HOME.aegis("snapshot", "create", "box", "full").ok();
        assertThat(inBox("rm /root/full; sync; " + fill).ok().stdout()).isEqualTo("synced\n");
        assertThat(used()).isGreaterThan(1400 * MB);
        HOME.aegis("fork", "full", "--name", "fork").ok();
        assertThat(HOME.aegis("exec", "fork", "--", "stat", "-c", "%s", "/root/full")
                        .ok()
                        .stdout())
                .hasSizeGreaterThan(9);
        HOME.aegis("snapshot", "delete", "full").ok();
    }

    /** No guest gets there by itself, so that of a running VM is lowered. */
    @Test
    void aWriteBeyondTheLimitOfAFileIsAnErrorToTheGuestAlone() throws IOException {
        start("--disk", "512M");
        List<Long> vm = HOME.vmPids(view().id());
        assertThat(run("prlimit", "--pid", vm.getFirst().toString(), "--fsize=" + 320 * MB))
                .isEmpty();
        String write = "dd if=/dev/zero of=/root/large bs=1M count=420 conv=fsync";
        HomeFixture.Result refused = inBox(write);
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("Input/output error");
        assertThat(used()).isLessThanOrEqualTo(320 * MB);
        assertThat(inBox("echo alive").ok().stdout()).isEqualTo("alive\n");
        assertThat(HOME.vmPids(view().id())).isEqualTo(vm);
        HOME.aegis("instance", "stop", "box").ok();
        start();
        inBox(write).ok();
    }

    @Test
    void theUsualSizeAndTheMostThatCanBeAskedFor() throws IOException {
        start();
        assertThat(view().diskMb()).isEqualTo(8192);
        String df = inBox("df -BM --output=size / | tail -1").ok().stdout();
        assertThat(Integer.parseInt(df.replaceAll("\\D", ""))).isBetween(7600, 8192);
        HOME.aegis("instance", "delete", "box").ok();
        HomeFixture.Result refused = HOME.aegis("instance", "start", "--name", "box", "--disk", "17G", "--", "true");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.stderr()).contains("disk_mb must be 64..16384, not 17408", "disk_max_mb");
        start("--disk", "16G");
        assertThat(view().diskMb()).isEqualTo(16_384);
    }

    /** As `du -x` and `find -xdev` take it, whether the image has them or the instance wrote them. */
    @Test
    void allFilesOfTheRootAreOnOneDevice() throws IOException {
        start();
        inBox("head -c 3000000 /dev/urandom > /root/new; ln -s new /root/link").ok();
        assertThat(inBox("stat -c %d / /etc /etc/passwd /usr/bin/env /root/new /root/link | sort -u | wc -l")
                        .ok()
                        .stdout())
                .isEqualTo("1\n");
        assertThat(inBox("find / -xdev -name new -o -xdev -path /etc/passwd | sort")
                        .ok()
                        .stdout())
                .isEqualTo("/etc/passwd\n/root/new\n");
        assertThat(inBox("du -xsk /root | cut -f1").ok().stdout().strip()).hasSize(4);
    }

    @Test
    void infoTellsWhatIsUsedAndADeleteGivesItBack() throws IOException {
        start();
        Path disk = disk();
        long before = used();
        inBox("head -c 50000000 /dev/urandom > /root/f; sync /root/f").ok();
        assertThat(used() - before).isBetween(47 * MB, 70 * MB);
        assertThat(HOME.aegis("instance", "info", "box").ok().stdout()).containsPattern("disk: +8192 MB, \\d+ MB used");
        HOME.aegis("instance", "delete", "box").ok();
        assertThat(disk.getParent()).doesNotExist();
    }

    @Test
    void whatAGuestDeletesIsGivenBackToTheHost() throws IOException {
        start();
        long before = used();
        inBox("head -c 50000000 /dev/urandom > /root/f; sync /root/f").ok();
        assertThat(used() - before).isGreaterThan(47 * MB);
        inBox("rm /root/f; sync").ok();
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(used() - before).isLessThan(10 * MB));
    }

    /** It costs its own instance a start, and others nothing: what they start from stays. */
    @Test
    void aDiskThatWasCutShortIsItsInstancesTroubleAlone() throws IOException {
        start();
        HOME.aegis("instance", "stop", "box").ok();
        List<Path> templates = templates();
        assertThat(templates).isNotEmpty();
        try (FileChannel disk = FileChannel.open(disk(), StandardOpenOption.WRITE)) {
            disk.truncate(1 << 20);
        }
        HomeFixture.Result start = HOME.aegis("instance", "start", "--name", "box", "--", "sleep", "600");
        assertThat(start.exitCode()).isEqualTo(125);
        assertThat(start.stderr()).contains("the disk " + disk() + " is damaged", "delete the instance");
        assertThat(view().reason()).contains("is damaged");
        assertThat(templates()).containsAll(templates);
        HOME.aegis("instance", "start", "--name", "other", "--", "sleep", "600").ok();
        HOME.aegis("exec", "other", "--", "true").ok();
        try (DaemonClient client = HOME.client()) {
            assertThat(Objects.requireNonNull(client.call(Routes.GET, "other").boot())
                            .mode())
                    .isEqualTo("template");
        }
    }

    private static List<Path> templates() throws IOException {
        try (var all = Files.list(HomeFixture.cache().resolve("templates"))) {
            return all.filter(each -> Files.exists(each.resolve("sealed"))).toList();
        }
    }

    /** Starts the box, new or stopped, and returns when it runs. */
    private static void start(String... options) throws IOException {
        List<String> words = new ArrayList<>(List.of("instance", "start", "--name", "box"));
        words.addAll(List.of(options));
        words.addAll(List.of("--", "sleep", "600"));
        HOME.aegis(words.toArray(String[]::new)).ok();
        inBox("true").ok();
    }

    private static HomeFixture.Result inBox(String script) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", script);
    }

    private static void killVm() throws IOException {
        assertThat(HOME.vmPids()).hasSize(1);
        ProcessHandle.of(HOME.vmPids().getFirst()).orElseThrow().destroyForcibly();
    }

    private static InstanceView view() throws IOException {
        try (DaemonClient client = HOME.client()) {
            return client.call(Routes.GET, "box");
        }
    }

    private static long used() throws IOException {
        return Objects.requireNonNull(view().diskUsedBytes());
    }

    private static Path disk() throws IOException {
        try (var directories = Files.list(HOME.directory().resolve("data/instances"))) {
            return directories.findFirst().orElseThrow().resolve("disk.raw");
        }
    }

    /** The file system is clean: no repair, no journal to replay. */
    private static void assertClean() throws IOException {
        assertThat(run("e2fsck", "-fn", disk().toString())).doesNotContain("exit code");
        assertThat(run("dumpe2fs", "-h", disk().toString())).doesNotContain("needs_recovery");
    }

    /** What a program of the host prints. */
    private static String run(String... command) throws IOException {
        // Java looks for programs in its own PATH, which leads an ordinary user to no sbin; env looks in the one it is
        // given.
        List<String> line = new ArrayList<>(List.of("env", "PATH=" + TestHome.PATH + ":/usr/sbin:/sbin"));
        line.addAll(List.of(command));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = process.onExit().join().exitValue();
        return code == 0 ? output : output + "exit code " + code;
    }
}
