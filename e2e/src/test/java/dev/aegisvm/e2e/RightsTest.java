package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.home.Config;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a VM's processes may do on the host, according to the kernel: what a guest would have if it broke out. */
@Tag("vm")
@Tag("kernel")
@Tag("root")
@NotInOuterVm("modes of files")
class RightsTest {
    private static final int FIRST_UID = 0x7000_0000;
    private static final String NONE = "0000000000000000";

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withBox();

    @Test
    void qemuHasNoCapabilityAndTwoSeccompFilters() throws IOException {
        // After the first start with a kernel, another one makes the template.
        await().atMost(Duration.ofMinutes(1)).until(() -> HOME.vmPids().size() == 1);
        Map<String, String> qemu = status(HOME.vmPids().getFirst());
        confined(qemu);
        assertThat(qemu).as("ours and its own").containsEntry("Seccomp_filters", "2");
        if (isRoot()) {
            assertThat(qemu).containsEntry("CapBnd", NONE);
            assertThat(qemu.getOrDefault("Uid", "").split("\t"))
                    .as("of the range of VMs")
                    .hasSize(4)
                    .allMatch(uid -> Integer.parseInt(uid) >= FIRST_UID);
        }
        assertThat(Files.readString(Path.of("/proc", HOME.vmPids().getFirst().toString(), "environ"))
                        .split("\0"))
                .as("the daemon's environment is not QEMU's")
                .allMatch(variable -> variable.startsWith("PATH="));
    }

    @Test
    void passtHasNoCapabilityAndIsNeverRoot() throws IOException {
        HOME.aegis("run", "-d", "--name", "open", "--network", "open", "--", "sleep", "600")
                .ok();
        List<Long> passt = HOME.pids("passt");
        assertThat(passt).hasSize(1);
        Map<String, String> status = status(passt.getFirst());
        confined(status);
        // Of root's daemon it is nobody whom the host knows, nor whom a VM is.
        int own = HostUser.ourselves().uid() == 0
                ? Config.defaults().vmUidFirst()
                : HostUser.ourselves().uid();
        assertThat(status.getOrDefault("Uid", "").split("\t")).containsOnly(Integer.toString(own));
        assertThat(status.getOrDefault("Gid", "0").split("\t")).doesNotContain("0");
    }

    /** Behind the closed directory too: a copy of it, or a mistake with its mode, gives nobody anything. */
    @Test
    void nobodyElseMayReadWhatIsOurs() throws IOException {
        HOME.aegis("secret", "set", "KEY", "value").ok();
        Set<PosixFilePermission> others = PosixFilePermissions.fromString("---rwxrwx");
        List<String> open = new ArrayList<>();
        try (Stream<Path> ours = Files.walk(HOME.directory().resolve("data"))) {
            for (Path each : ours.toList()) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(each, LinkOption.NOFOLLOW_LINKS);
                if (!Collections.disjoint(permissions, others)) {
                    open.add(each + " " + PosixFilePermissions.toString(permissions));
                }
            }
        }
        assertThat(open).isEmpty();
    }

    private static void confined(Map<String, String> status) {
        assertThat(status)
                .containsEntry("CapInh", NONE)
                .containsEntry("CapPrm", NONE)
                .containsEntry("CapEff", NONE)
                .containsEntry("CapAmb", NONE)
                .containsEntry("NoNewPrivs", "1")
                .containsEntry("Seccomp", "2");
    }

    private static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    /** The fields of {@code /proc/PID/status}. */
    private static Map<String, String> status(long pid) throws IOException {
        Map<String, String> fields = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
            int colon = line.indexOf(':');
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        return fields;
    }
}
