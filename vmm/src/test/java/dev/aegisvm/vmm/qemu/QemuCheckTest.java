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
        return Passt.check(root).stream()
                .filter(finding -> finding.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theProgramsAreFound() {
        assertThat(QemuMachines.check().found()).contains("qemu-system-x86_64, version ");
        assertThat(check("passt").found()).endsWith("/passt");
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
