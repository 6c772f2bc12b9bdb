package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The spare VM for the next start. Only emulation uses one, so these guests are emulated on every host. */
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
    void anInstanceThatStartsAgainKeepsItsDataAndBecomesItselfOnly() {
        in("box", "echo kept > /root/f");
        String before = in("box", "cat /etc/machine-id");
        String mounts = "cut -d ' ' -f 1-3 /proc/mounts";
        String mounted = in("box", mounts);
        awaitSpare();
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();

        assertThat(mode("box")).isEqualTo("spare");
        assertThat(in("box", "cat /root/f")).isEqualTo("kept");
        assertThat(in("box", "hostname; cat /etc/hostname")).isEqualTo("box\nbox");
        assertThat(in("box", "cat /etc/resolv.conf")).contains("nameserver 198.18.0.");
        assertThat(in("box", "cat /etc/machine-id")).hasSize(32).isNotEqualTo(before);
        assertClockIsRight("box");
        assertThat(in("box", mounts)).as("the rehearsal has left none").isEqualTo(mounted);
    }

    @Test
    void twoInstancesOfSparesHaveNothingInCommon() {
        awaitSpare();
        home.aegis("instance", "start", "--name", "one", "--disk", "256M", "--", "sleep", "600")
                .ok();
        awaitSpare();
        home.aegis("instance", "start", "--name", "two", "--", "sleep", "600").ok();

        assertThat(List.of(mode("one"), mode("two"))).containsOnly("spare");
        String own = "cat /etc/machine-id; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid";
        assertThat(in("one", own).lines())
                .doesNotContainAnyElementsOf(in("two", own).lines().toList());
        assertThat(megabytes("one")).isBetween(180, 256);
        assertThat(megabytes("two")).isBetween(7000, 8192);
    }

    @Test
    void aSpareIsFrozenAndHasNoDiskOfAnybody() throws IOException {
        long spare = awaitSpare();
        assertThat(openFiles(spare)).noneMatch(file -> file.contains("/instances/"));
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();
        await().untilAsserted(() -> assertThat(openFiles(spare))
                .as("the instance's disk took the place of the scratch disk")
                .anyMatch(file -> file.endsWith("/disk.raw"))
                .noneMatch(file -> file.contains("scratch")));
    }

    @Test
    void aSpareThatWasKilledIsMissedByNobody() {
        ProcessHandle spare = ProcessHandle.of(awaitSpare()).orElseThrow();
        assertThat(spare.destroyForcibly()).isTrue();
        spare.onExit().join();
        home.aegis("instance", "stop", "box").ok();
        home.aegis("instance", "start", "--name", "box").ok();
        assertThat(mode("box")).isEqualTo("template-bare");
        awaitSpare();
    }

    @Test
    void anotherShapeDoesNotGetIt() {
        long spare = awaitSpare();
        home.aegis("instance", "start", "--name", "small", "--memory", "256M", "--", "sleep", "600")
                .ok();
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

    /** How an instance booted last. */
    private String mode(String instance) {
        // It has booted when this is done.
        in(instance, "true");
        String json = home.aegis("instance", "info", instance, "--json").ok().stdout();
        return json.replaceAll("(?s).*\"mode\":\"([^\"]*)\".*", "$1");
    }

    private int megabytes(String instance) {
        return Integer.parseInt(in(instance, "df -m / | tail -n 1 | awk '{print $2}'"));
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
