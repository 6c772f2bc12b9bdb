package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Execs beyond one command: terminals, time limits, detached ones. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("a terminal of the host")
class TerminalTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withBox();

    /** A Python program that types at a pseudo terminal and reads the output, since Java cannot open one. */
    @Test
    void aPersonAtATerminalFindsWhatTheyExpect() throws IOException {
        HomeFixture.Result typed =
                HOME.startShell(Path.of("src/test/resources/terminal.sh")).await();
        assertThat(typed.stdout()).as(typed.stderr()).isEqualTo("""
                size and kind
                resize
                job control and ^C
                exit code, and the terminal as before
                python, ^D, top
                vim
                a secret is not shown
                a signal ends us, and the terminal is as before
                run -it
                ^C without a terminal
                """);
    }

    @Test
    void whatRunsOutOfTimeLeavesNoProcess() {
        HomeFixture.Result late =
                HOME.aegis("exec", "--timeout", "1s", "box", "--", "sh", "-c", "setsid sleep 4242 & sleep 4242 & wait");
        assertThat(late.exitCode()).isEqualTo(124);
        assertThat(late.stderr()).contains("--timeout has passed");
        assertThat(HOME.aegis("exec", "box", "--", "sh", "-c", "pgrep -f 'sleep 424[2]' || echo none")
                        .ok()
                        .stdout())
                .isEqualTo("none\n");
    }

    @Test
    void detachedOnesAreListedAndKilled() {
        String execId = HOME.aegis("exec", "-d", "box", "--", "sleep", "4242")
                .ok()
                .stdout()
                .strip();
        assertThat(HOME.aegis("exec", "ps", "box").ok().stdout()).contains(execId, "sleep 4242", " no ");
        HOME.aegis("exec", "kill", "box", execId).ok();
        await().until(() -> !HOME.aegis("exec", "ps", "box").ok().stdout().contains(execId));
        assertThat(HOME.aegis("exec", "kill", "box", execId).exitCode()).isEqualTo(1);
    }

    @Test
    void anotherUserAnotherDirectory() {
        assertThat(HOME.aegis("exec", "--user", "nobody", "--cwd", "/tmp", "box", "--", "sh", "-c", "id -un; pwd")
                        .ok()
                        .stdout())
                .isEqualTo("nobody\n/tmp\n");
    }

    @Test
    void fourAtOnce() {
        List<HomeFixture.Running> all = Stream.of("a", "b", "c", "d")
                .map(each -> HOME.start("exec", "-t", "box", "--", "sh", "-c", "sleep 1; tty; echo " + each))
                .toList();
        List<String> outputs =
                all.stream().map(each -> each.await().ok().stdout()).toList();
        for (int at = 0; at < outputs.size(); at++) {
            assertThat(outputs.get(at)).matches("/dev/pts/\\d+\r\n" + "abcd".charAt(at) + "\r\n");
        }
        assertThat(outputs.stream().map(each -> each.lines().findFirst()).distinct())
                .hasSize(4);
    }
}
