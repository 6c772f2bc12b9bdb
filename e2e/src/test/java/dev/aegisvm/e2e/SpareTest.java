package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.host.Program;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The spare VM for the next new instance of the base image. Only emulation uses one, so these guests are emulated on every host. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("emulated: only so there are spares")
class SpareTest {
    /** After the first start, the daemon makes a spare. */
    @RegisterExtension
    final HomeFixture home = HomeFixture.create()
            .with("AEGIS_SPARES", "1")
            .with("AEGIS_ACCEL", "tcg")
            .withBox();

    @Test
    void aNewInstanceHasADiskOfItsOwnThatIsWhole() throws Exception {
        long spare = awaitSpare();
        assertThat(openFiles(spare)).noneMatch(file -> file.contains("/instances/"));
        start("one");
        assertThat(hasOpen(spare, disk("one")))
                .as("its disk is the instance's now")
                .isTrue();
        assertThat(in("one", "hostname; cat /etc/hostname")).isEqualTo("one\none");
        assertThat(in("one", "cat /etc/resolv.conf")).contains("nameserver 198.18.0.");
        assertClockIsRight("one");
        in(
                "one",
                "echo kept > /root/f; dd if=/dev/urandom of=/root/g bs=1M count=20 2>&1; sha256sum /root/g > /root/h");
        home.aegis("instance", "stop", "one").ok();
        Program.run(List.of("e2fsck", "-fn", disk("one").toString()));
        home.aegis("instance", "start", "--name", "one").ok();
        assertThat(in("one", "cat /root/f; sha256sum -c /root/h")).isEqualTo("kept\n/root/g: OK");
        assertThat(mode("one")).as("its disk is not new any more").isEqualTo("template-bare");
    }

    @Test
    void whatWasWrittenBeforeAKillIsThereAfterIt() throws IOException {
        ProcessHandle vm = ProcessHandle.of(awaitSpare()).orElseThrow();
        start("one");
        in("one", "echo kept > /root/f; sync");
        assertThat(vm.destroyForcibly()).isTrue();
        vm.onExit().join();
        await().until(() -> info("one").state().wire().equals("stopped"));
        home.aegis("instance", "start", "--name", "one").ok();
        assertThat(in("one", "cat /root/f")).isEqualTo("kept");
    }

    @Test
    void twoInstancesHaveNothingInCommon() throws IOException {
        awaitSpare();
        start("one");
        in("one", "echo secret > /root/f; sync");
        awaitSpare();
        start("two");
        assertThat(in("two", "ls /root/f 2>&1 || true")).contains("No such file");
        String own =
                "cat /etc/machine-id; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid; hostname";
        assertThat(in("one", own).lines())
                .doesNotContainAnyElementsOf(in("two", own).lines().toList());
    }

    @Test
    void otherStartsLeaveItAlone() throws IOException {
        long spare = awaitSpare();
        home.aegis("instance", "start", "--name", "small", "--disk", "256M", "--", "sleep", "600")
                .ok();
        in("small", "true");
        assertThat(mode("small")).isEqualTo("template-bare");
        assertThat(spares()).containsExactly(spare);
    }

    @Test
    void aSpareThatWasKilledIsMissedByNobody() throws IOException {
        ProcessHandle spare = ProcessHandle.of(awaitSpare()).orElseThrow();
        assertThat(spare.destroyForcibly()).isTrue();
        spare.onExit().join();
        home.aegis("instance", "start", "--name", "one", "--", "sleep", "600").ok();
        in("one", "true");
        assertThat(mode("one")).isEqualTo("template");
        awaitSpare();
    }

    @Test
    void anotherShapeDoesNotGetIt() throws IOException {
        long spare = awaitSpare();
        home.aegis("instance", "start", "--name", "small", "--memory", "256M", "--", "sleep", "600")
                .ok();
        in("small", "true");
        assertThat(mode("small")).isNotEqualTo("spare");
        await().untilAsserted(() -> assertThat(spares()).hasSize(1).doesNotContain(spare));
        assertThat(home.vmPids()).as("two instances and one spare").hasSize(3);
    }

    @Test
    void downEndsItAndItsNetwork() {
        awaitSpare();
        home.aegis("down").ok();
        assertThat(home.processes()).isEmpty();
    }

    @Test
    void aDaemonKilledByForceLeavesNoneToTheNext() throws IOException {
        long spare = awaitSpare();
        long daemon = Long.parseLong(
                Files.readString(home.directory().resolve("data/aegisd.pid")).trim());
        ProcessHandle killed = ProcessHandle.of(daemon).orElseThrow();
        killed.destroyForcibly();
        killed.onExit().join();
        assertThat(spares()).containsExactly(spare);
        home.aegis("up").ok();
        await().untilAsserted(() -> assertThat(home.vmPids()).isEmpty());
        assertThat(home.pids("passt")).isEmpty();
    }

    private String in(String instance, String script) {
        return home.aegis("exec", instance, "--", "sh", "-c", script)
                .ok()
                .stdout()
                .strip();
    }

    /** Starts a new instance, of the spare. */
    private void start(String name) throws IOException {
        home.aegis("instance", "start", "--name", name, "--", "sleep", "600").ok();
        // It has booted when this is done.
        in(name, "true");
        assertThat(mode(name)).isEqualTo("spare");
    }

    private String mode(String instance) throws IOException {
        return Objects.requireNonNull(info(instance).boot()).mode();
    }

    private InstanceView info(String instance) throws IOException {
        try (DaemonClient client = home.client()) {
            return client.call(Routes.GET, instance);
        }
    }

    private Path disk(String instance) throws IOException {
        return home.directory().resolve("data/instances/" + info(instance).id() + "/disk.raw");
    }

    /** By its inode: a process in a jail has files under names of its own. */
    private static boolean hasOpen(long pid, Path file) throws IOException {
        Object wanted = Files.getAttribute(file, "unix:ino");
        try (var descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            for (Path each : descriptors.toList()) {
                if (Files.isRegularFile(each) && wanted.equals(Files.getAttribute(each, "unix:ino"))) {
                    return true;
                }
            }
        }
        return false;
    }

    private void assertClockIsRight(String instance) {
        long before = Instant.now().getEpochSecond();
        long guest = Long.parseLong(in(instance, "date +%s"));
        assertThat(guest).isBetween(before - 1, Instant.now().getEpochSecond() + 1);
    }

    private long awaitSpare() {
        await().until(() -> spares().size() == 1);
        return spares().getFirst();
    }

    /** The VMs of this home that are frozen. */
    private List<Long> spares() {
        return home.vmPids().stream().filter(SpareTest::isFrozen).toList();
    }

    private static boolean isFrozen(long pid) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "status"), StandardCharsets.ISO_8859_1)
                    .contains("State:\tT");
        } catch (IOException ended) {
            return false;
        }
    }

    private static List<String> openFiles(long pid) throws IOException {
        try (var descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors.map(SpareTest::target).toList();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (NoSuchFileException closed) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
