package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.host.Program;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The second spare VM, whose root is mounted: new instances of the base image are started from it. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("emulated: only so there are spares")
class MountedSpareTest {
    @RegisterExtension
    final HomeFixture home = HomeFixture.create()
            .with("AEGIS_SPARES", "2")
            .with("AEGIS_ACCEL", "tcg")
            .withBox();

    @BeforeEach
    void awaitBoth() {
        awaitSpares(2);
    }

    /** Waits until so many were made since the daemon's start. */
    private void awaitSpares(long count) {
        await().until(() -> Files.readString(home.directory().resolve("data/aegisd.log"))
                        .lines()
                        .filter(line -> line.contains("spare: a machine of"))
                        .count()
                >= count);
    }

    @Test
    void aNewInstanceHasADiskOfItsOwnThatIsWhole() throws Exception {
        start("one");
        assertThat(stages("one")).as("its root is mounted").doesNotContainKey("mount");
        in(
                "one",
                "echo kept > /root/f; dd if=/dev/urandom of=/root/g bs=1M count=20 2>&1; sha256sum /root/g > /root/h");
        home.aegis("instance", "stop", "one").ok();
        Path disk = home.directory().resolve("data/instances/" + id("one") + "/disk.raw");
        Program.run(List.of("e2fsck", "-fn", disk.toString()));
        home.aegis("instance", "start", "--name", "one").ok();
        assertThat(in("one", "cat /root/f; sha256sum -c /root/h")).isEqualTo("kept\n/root/g: OK");
    }

    @Test
    void whatWasWrittenBeforeAKillIsThereAfterIt() throws IOException {
        start("one");
        in("one", "echo kept > /root/f; sync");
        ProcessHandle vm = vmOf("one");
        vm.destroyForcibly();
        vm.onExit().join();
        await().until(() -> stateOf("one").equals("stopped"));
        home.aegis("instance", "start", "--name", "one").ok();
        assertThat(in("one", "cat /root/f")).isEqualTo("kept");
    }

    @Test
    void twoInstancesHaveNothingInCommon() throws IOException {
        start("one");
        in("one", "echo secret > /root/f; sync");
        awaitSpares(3);
        start("two");
        assertThat(stages("two")).doesNotContainKey("mount");
        assertThat(in("two", "ls /root/f 2>&1 || true")).contains("No such file");
        String own =
                "cat /etc/machine-id; head -c 16 /dev/urandom | od -An -tx1; cat /proc/sys/kernel/random/uuid; hostname";
        assertThat(in("one", own).lines())
                .doesNotContainAnyElementsOf(in("two", own).lines().toList());
    }

    @Test
    void otherStartsTakeTheBareOne() throws IOException {
        home.aegis("instance", "start", "--name", "small", "--disk", "256M", "--", "sleep", "600")
                .ok();
        assertThat(stages("small")).containsKeys("wake", "mount");
        assertThat(home.aegis("run", "--", "echo", "hi").ok().stdout()).isEqualTo("hi\n");
    }

    private void start(String name) {
        home.aegis("instance", "start", "--name", name, "--", "sleep", "600").ok();
    }

    private Map<String, Double> stages(String instance) throws IOException {
        InstanceView.BootView boot = Objects.requireNonNull(info(instance).boot());
        assertThat(boot.mode()).isEqualTo("spare");
        return boot.stages();
    }

    private String id(String instance) throws IOException {
        return info(instance).id();
    }

    private String stateOf(String instance) throws IOException {
        return info(instance).state().wire();
    }

    private InstanceView info(String instance) throws IOException {
        try (DaemonClient client = home.client()) {
            return client.call(Routes.GET, instance);
        }
    }

    /** The VM whose disk is that of an instance. */
    private ProcessHandle vmOf(String instance) throws IOException {
        String disk = "/" + id(instance) + "/disk.raw";
        return home.vmPids().stream()
                .filter(pid -> has(pid, disk))
                .findFirst()
                .flatMap(ProcessHandle::of)
                .orElseThrow();
    }

    private static boolean has(long pid, String file) {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"))) {
            return descriptors.anyMatch(link -> {
                try {
                    return Files.readSymbolicLink(link).toString().endsWith(file);
                } catch (IOException closed) {
                    return false;
                }
            });
        } catch (IOException ended) {
            return false;
        }
    }

    private String in(String instance, String script) {
        return home.aegis("exec", instance, "--", "sh", "-c", script)
                .ok()
                .stdout()
                .strip();
    }
}
