package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.Finding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found out about a host before there is a VM. */
class StarterCheckTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content);
    }

    private Finding check(String name) {
        return Starter.check(root, root.resolve("cache"), root.resolve("verdicts")).stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void templatesAreCounted() throws IOException {
        assertThat(check("templates").found()).startsWith("none yet in ");
        file("cache/templates/a/sealed", "");
        assertThat(check("templates").found()).startsWith("1 in ");
    }

    @Test
    void theVerdictOnVirtualizationIsTold() throws IOException {
        file(
                "verdicts/any.json",
                "{\"accelerator\":\"tcg\",\"reason\":\"KVM does not run guests here\",\"boot\":\"today's\","
                        + "\"tsc_khz\":1,\"to_tell\":\"\",\"more\":1}");
        assertThat(check("virtualization").found()).contains("VMs will be emulated");
        file("proc/sys/kernel/random/boot_id", "today's\n");
        Finding told = check("virtualization");
        assertThat(told.verdict()).isEqualTo(Finding.Verdict.NOTE);
        assertThat(told.found()).isEqualTo("tcg: KVM does not run guests here");
        assertThat(told.advice()).isNotEmpty();
    }

    @Test
    void membershipInAGroupIsAdvisedOnlyWhereItHelps() throws IOException {
        file("kvm", "");
        Path device = root.resolve("kvm");
        String group =
                Files.readAttributes(device, PosixFileAttributes.class).group().getName();
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-rw----"));
        assertThat(Kvm.access(device, group, "u"))
                .isEqualTo("adduser u " + group + ", log in again, and run `aegis up --restart`");
        assertThat(Kvm.access(device, "another", "u")).isEqualTo("as root: setfacl -m u:u:rw " + device);
        Files.setPosixFilePermissions(device, PosixFilePermissions.fromString("rw-------"));
        assertThat(Kvm.access(device, group, "u")).doesNotContain("adduser");
    }
}
