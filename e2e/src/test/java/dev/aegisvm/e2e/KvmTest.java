package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where KVM works, as in the outer VM of {@link OuterVmTest}: it is chosen without being asked for, and serves. */
@Tag("kvm")
class KvmTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withBox();

    /** Where root's daemon takes the users of its VMs from. */
    private static final long FIRST_UID = 0x7000_0000L;

    @Test
    void itIsChosenWithoutBeingAskedFor() throws IOException {
        assertThat(System.getenv()).doesNotContainKey("AEGIS_ACCEL");
        assertThat(HOME.aegis("doctor").stdout())
                .containsPattern("ok +virtualization: kvm: the guest kernel booted with it");
        assertThat(ProcessIdentity.commandLine(vm())).containsSequence("-accel", "kvm");
    }

    /** The first VM's boot shows that KVM works, and is followed by the making of the template. */
    @Test
    void instancesStartFromATemplatePauseWakeAndStartAgain() throws IOException {
        assertThat(info("box")).contains("\"mode\":\"cold\"");
        Path log = HOME.directory().resolve("data/aegisd.log");
        await().until(() -> Files.readString(log).contains("template: made"));
        HOME.aegis("run", "-d", "--name", "second", "--", "sleep", "infinity").ok();
        assertThat(info("second")).contains("\"mode\":\"template\"");
        HOME.aegis("instance", "delete", "second").ok();
        assertThat(exec("echo kept >/root/f && uname -s")).isEqualTo("Linux\n");
        HOME.aegis("instance", "pause", "box").ok();
        ProcStat.stopped(vm());
        assertThat(exec("cat /root/f")).isEqualTo("kept\n");
        HOME.aegis("instance", "stop", "box").ok();
        assertThat(HOME.vmPids()).isEmpty();
        HOME.aegis("instance", "start", "--name", "box").ok();
        assertThat(exec("cat /root/f")).isEqualTo("kept\n");
        assertThat(info("box")).contains("\"mode\":\"template-bare\"");
    }

    @Test
    void theJailIsInForce() throws IOException {
        assertThat(HOME.aegis("status", "--json").ok().stdout())
                .containsPattern("\"jail\":\\{(\"(landlock|memory|namespaces|uid)\":\"yes[^\"]*\",?){4}}");
        Path process = Path.of("/proc", Long.toString(vm()));
        assertThat(Files.readAllLines(process.resolve("status")))
                .contains("NoNewPrivs:\t1", "Seccomp:\t2", "CapEff:\t0000000000000000", "CapBnd:\t0000000000000000");
        assertThat(((Integer) Files.getAttribute(process, "unix:uid")).longValue())
                .isGreaterThanOrEqualTo(FIRST_UID);
        Path ours = Path.of("/proc/self/ns");
        for (String namespace : List.of("mnt", "net", "pid", "user")) {
            assertThat(Files.readSymbolicLink(process.resolve("ns").resolve(namespace)))
                    .isNotEqualTo(Files.readSymbolicLink(ours.resolve(namespace)));
        }
    }

    private static long vm() {
        return HOME.vmPids().getFirst();
    }

    private static String info(String name) {
        return HOME.aegis("instance", "info", name, "--json").ok().stdout();
    }

    private static String exec(String line) {
        return HOME.aegis("exec", "box", "--", "sh", "-c", line).ok().stdout();
    }
}
