package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostChecksTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content);
    }

    private DoctorCheck check(String name) {
        List<DoctorCheck> checks = new ArrayList<>();
        new HostChecks(root).addTo(checks);
        return checks.stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void memoryThatIsShortIsWorthANote() throws IOException {
        assertThat(check("memory").verdict()).isEqualTo("note");
        file("proc/meminfo", "MemTotal:        8000000 kB\nMemAvailable:     524288 kB\n");
        assertThat(check("memory").verdict()).isEqualTo("note");
        assertThat(check("memory").found()).isEqualTo("512 MB available");
        file("proc/meminfo", "MemAvailable:    2097152 kB\n");
        assertThat(check("memory")).isEqualTo(DoctorCheck.ok("memory", "2048 MB available"));
    }

    @Test
    void theHardLimitOfOpenFilesCounts() throws IOException {
        String line = "Limit                     Soft Limit           Hard Limit           Units\n"
                .concat("Max open files            1024                 %s                 files\n");
        file("proc/self/limits", line.formatted("2048"));
        assertThat(check("open files").verdict()).isEqualTo("note");
        assertThat(check("open files").mend()).contains("nofile");
        file("proc/self/limits", line.formatted("524288"));
        assertThat(check("open files")).isEqualTo(DoctorCheck.ok("open files", "at most 524288 for one process"));
        file("proc/self/limits", line.formatted("unlimited"));
        assertThat(check("open files")).isEqualTo(DoctorCheck.ok("open files", "no limit"));
    }

    @Test
    void passtNeedsNamespaces() throws IOException {
        file("proc/sys/user/max_user_namespaces", "0\n");
        assertThat(check("namespaces").isBad()).isTrue();
        assertThat(check("namespaces").mend()).isEqualTo("sysctl -w user.max_user_namespaces=16384");
        file("proc/sys/user/max_user_namespaces", "90000\n");
        assertThat(check("namespaces").isBad()).isFalse();
    }

    @Test
    void appArmorsProfileOfPasstIsTold() throws IOException {
        assertThat(check("apparmor").found()).isEqualTo("not in force");
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        assertThat(check("apparmor").found()).isEqualTo("has no profile of passt");
        file("etc/apparmor.d/usr.bin.passt", "profile passt {}\n");
        assertThat(check("apparmor").found()).contains("in force", "/tmp");
    }
}
