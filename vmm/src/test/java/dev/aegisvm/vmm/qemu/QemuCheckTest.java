package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.vmm.Finding;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.net.Passt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the backend says that it needs of a host. */
class QemuCheckTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content);
    }

    private Finding check(String name) {
        return QemuVmm.check(
                        root,
                        root.resolve("cache"),
                        root.resolve("verdicts"),
                        new Passt(Path.of("/"), OptionalInt.empty()))
                .stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theProgramsAreFound() {
        assertThat(check("qemu").found()).contains("qemu-system-x86_64, version ");
        assertThat(check("passt").found()).endsWith("/passt");
    }

    @Test
    void templatesAreCounted() throws IOException {
        assertThat(check("templates").found()).startsWith("none yet in ");
        file("cache/templates/a/sizes", "");
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

    @Test
    void appArmorsProfileOfPasstIsTold() throws IOException {
        assertThat(check("apparmor").found()).isEqualTo("not enforced");
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        assertThat(check("apparmor").found()).isEqualTo("has no profile for passt");
        file("etc/apparmor.d/usr.bin.passt", "profile passt {}\n");
        assertThat(check("apparmor").found()).contains("enforced", "/tmp");
    }

    @Test
    void qemuMustBeNewEnough() throws VmmException {
        assertThat(QemuBinary.accepted("QEMU emulator version 9.2.0 (Debian)")).isEqualTo("9.2.0");
        assertThat(QemuBinary.accepted("QEMU emulator version 10.0.13")).isEqualTo("10.0.13");
    }

    @ParameterizedTest
    @ValueSource(strings = {"version 9.1.9", "version 8.9", "something else"})
    void anOlderOneIsRefused(String printed) {
        assertThatThrownBy(() -> QemuBinary.accepted(printed)).isInstanceOf(VmmException.class);
    }
}
