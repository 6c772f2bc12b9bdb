package dev.aegisvm.daemon.check;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.SystemViews.Check;
import dev.aegisvm.api.SystemViews.HostReport;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.host.Machine;
import dev.aegisvm.vmm.Finding;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostCheckTest {
    @TempDir
    Path root;

    @BeforeEach
    void makePrivate() throws IOException {
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
    }

    private void file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content);
    }

    private HostReport report() throws IOException {
        Map<String, String> environment = Map.of("AEGIS_HOME", root.toString());
        return HostCheck.report(
                Home.of(environment, 0, false), environment, List.of(Finding.note("backend", "a", "b")));
    }

    private Check check(String name) throws IOException {
        return report().checks().stream()
                .filter(check -> check.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aGuestThatIsNotPreparedIsBad() throws IOException {
        Path list = root.resolve("cache/guest.properties");
        assertThat(report().ok()).isFalse();
        assertThat(check("guest").found()).isEqualTo("the guest is not prepared: there is no " + list);
        assertThat(check("guest").mend()).contains("aegisvm-guest", "aegis-prepare-guest", "make prepare");
        file("cache/guest.properties", "kernel=/etc/hostname\ninitramfs=/nowhere/x\nbase=/etc/hostname\n");
        assertThat(check("guest").found()).isEqualTo("the initramfs is missing: /nowhere/x");
        file("cache/guest.properties", "kernel=/etc/passwd\ninitramfs=/etc/passwd\nbase=/etc/passwd\n");
        assertThat(check("guest").verdict()).isEqualTo("ok");
        assertThat(report().ok()).isTrue();
    }

    @Test
    void whatTheDaemonStartsIsFound() throws IOException {
        for (String program : List.of("mkfs.erofs", "mke2fs", "setsid")) {
            assertThat(check(program).verdict()).as(program).isEqualTo("ok");
        }
        assertThat(check("jdk").found()).startsWith("25");
        assertThat(check("backend")).isEqualTo(new Check("backend", "note", "a", "b"));
    }

    @Test
    void aHomeForEverybodyIsBad() throws IOException {
        assertThat(check("home").found()).isEqualTo(root.toString());
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(check("home").found()).isEqualTo(root + " has mode rwxr-xr-x");
        assertThat(check("home").mend()).isEqualTo("chmod 700 " + root);
    }

    @Test
    void settingsThatTheDaemonWouldRefuseAreBad() throws IOException {
        assertThat(check("settings").found()).isEqualTo("an instance gets 512 MB and 1 vCPU");
        file("config.toml", "memory_mb = 1000\n");
        assertThat(check("settings").verdict()).isEqualTo("bad");
        assertThat(check("settings").found()).contains("memory_mb");
    }

    @Test
    void fewMemoryOrFilesAreWorthANote() throws IOException {
        String limit = "Max open files            1024                 %s                 files\n";
        file("proc/meminfo", "MemAvailable:     524288 kB\n");
        file("proc/self/limits", limit.formatted("2048"));
        assertThat(HostCheck.resources(new Machine(root)))
                .extracting(Finding::verdict)
                .containsExactly(Finding.Verdict.NOTE, Finding.Verdict.NOTE);
        file("proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable:    2097152 kB\n");
        file("proc/self/limits", limit.formatted("unlimited"));
        assertThat(HostCheck.resources(new Machine(root)))
                .containsExactly(
                        Finding.ok("memory", "2048 of 8192 MB available"), Finding.ok("open files", "no limit"));
    }
}
