package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {
    @TempDir
    Path home;

    @BeforeEach
    void makePrivate() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx------"));
    }

    private void prepare(String properties) throws IOException {
        Files.createDirectories(home.resolve("cache"));
        Files.writeString(home.resolve("cache/guest.properties"), properties);
    }

    @Test
    void saysWhatIsMissingAndHowToMendIt() {
        Call call = Call.at(home, "doctor");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.out())
                .contains("bad   guest: not prepared: there is no " + home.resolve("cache/guest.properties"))
                .contains("\n        make prepare")
                .contains("ok    home: " + home)
                .contains("ok    daemon: not running")
                .contains("note  templates: none yet in " + home.resolve("cache/templates"))
                .contains("ok    namespaces: allowed")
                .contains("ok    jdk: 25");
    }

    @Test
    void namesTheMissingPartOfAGuest() throws IOException {
        prepare("kernel=/etc/hostname\ninitramfs=/nowhere/x\nbase=/etc/hostname\n");
        assertThat(Call.at(home, "doctor").out()).contains("bad   guest: the initramfs is missing: /nowhere/x");
    }

    @Test
    void explainsTheVerdictOnVirtualization() throws IOException {
        prepare("kernel=/etc/passwd\ninitramfs=/etc/passwd\nbase=/etc/passwd\n");
        Files.writeString(
                home.resolve("cache/accelerator.json"),
                "{\"accelerator\":\"tcg\",\"reason\":\"KVM does not run guests here\",\"more\":1}");
        Call call = Call.at(home, "doctor");
        assertThat(call.out())
                .contains("note  virtualization: tcg: KVM does not run guests here")
                .contains("ok    guest: kernel, initramfs and base image in ");
    }

    @Test
    void whatAProgramSaidInSeveralLinesStaysReadable() throws IOException {
        prepare("kernel=/etc/passwd\ninitramfs=/etc/passwd\nbase=/etc/passwd\n");
        Files.writeString(
                home.resolve("cache/accelerator.json"),
                "{\"accelerator\":\"tcg\",\"reason\":\"KVM failed: one\\ntwo \\u001b[31m\"}");
        assertThat(Call.at(home, "doctor").out())
                .contains("note  virtualization: tcg: KVM failed: one\n        two \\u001b[31m\n        VMs work");
    }

    @Test
    void aHomeForEverybodyIsBad() throws IOException {
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(Call.at(home, "doctor").out())
                .contains("bad   home: " + home + " has mode rwxr-xr-x\n        chmod 700");
    }

    @Test
    void reportsAsJson() {
        Call call = Call.at(home, "doctor", "--json");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.out())
                .startsWith("{\"ok\":false,\"checks\":[{\"name\":\"jdk\",\"verdict\":\"ok\",\"found\":\"25");
    }

    @ParameterizedTest
    @CsvSource({"9,1,bad", "9,2,ok", "8,9,bad", "10,0,ok"})
    void qemuMustBeNewEnough(int major, int minor, String verdict) {
        assertThat(ProgramChecks.qemuOfVersion(Path.of("q"), major, minor).verdict())
                .isEqualTo(verdict);
    }
}
