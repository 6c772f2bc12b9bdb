package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the doctor makes of what {@code aegisd --check} prints; what that finds is the daemon's to test. */
class DoctorTest {
    private static final String PLACE = "aegis.bin";

    @TempDir
    Path home;

    private String before;

    @BeforeEach
    void ownPrograms() {
        before = System.getProperty(PLACE, "bin");
        System.setProperty(PLACE, home.resolve("bin").toString());
    }

    @AfterEach
    void usualPrograms() {
        System.setProperty(PLACE, before);
    }

    /** An aegisd that runs this. */
    private void daemon(String script) throws IOException {
        Path program = Files.createDirectories(home.resolve("bin")).resolve("aegisd");
        Files.writeString(
                program, "#!/bin/sh\ncase \"$*\" in --check | --check-kvm) ;; *) false ;; esac || exit 9\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
    }

    private void finds(String checks) throws IOException {
        daemon("echo a warning >&2\ncat <<'END'\n{\"ok\":true,\"checks\":[" + checks + "]}\nEND\nexit 1\n");
    }

    @Test
    void saysWhatWasFoundAndHowToMendIt() throws IOException {
        finds("{\"name\":\"jdk\",\"verdict\":\"ok\",\"found\":\"25\"},"
                + "{\"name\":\"memory\",\"verdict\":\"note\",\"found\":\"500 MB\",\"mend\":\"end programs\"}");
        assertThat(Call.at(home, "doctor")).isEqualTo(new Call(0, """
                        ok    jdk: 25
                        note  memory: 500 MB
                                end programs
                        ok    daemon: not running (commands start it)
                        """, ""));
    }

    @Test
    void whatIsMissingMakesItFail() throws IOException {
        finds("{\"name\":\"guest\",\"verdict\":\"bad\",\"found\":\"none\",\"mend\":\"make prepare\",\"more\":1}");
        Call call = Call.at(home, "doctor", "--json");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.out())
                .startsWith("{\"ok\":false,\"checks\":[{\"name\":\"guest\",\"verdict\":\"bad\",\"found\":\"none\","
                        + "\"mend\":\"make prepare\"},{\"name\":\"daemon\"");
    }

    @Test
    void haveKvmTriedAgain() throws IOException {
        daemon("""
                [ "$1" = --check-kvm ] || exit 9
                echo '{"ok":true,"checks":[{"name":"kvm","verdict":"ok","found":"works"}]}'
                """);
        assertThat(Call.at(home, "doctor", "--kvm").out()).startsWith("ok    kvm: works\n");
    }

    @Test
    void whatAProgramSaidInSeveralLinesStaysReadable() throws IOException {
        finds("{\"name\":\"virtualization\",\"verdict\":\"note\",\"found\":\"KVM failed: one\\ntwo \\u001b[31m\","
                + "\"mend\":\"VMs work\"}");
        assertThat(Call.at(home, "doctor").out())
                .contains("note  virtualization: KVM failed: one\n        two \\u001b[31m\n        VMs work");
    }

    @Test
    void worksWhereTheDaemonCannotTell() throws IOException {
        assertThat(Call.at(home, "doctor").out()).contains("bad   aegisd: the daemon's program is missing: " + home);
        daemon("echo no java here >&2\nexit 127\n");
        Call call = Call.at(home, "doctor");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.out()).contains("bad   aegisd: ", "no java here", "ok    daemon: not running");
    }
}
