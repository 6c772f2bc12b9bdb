package dev.aegisvm.vmm.net;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the real passt. */
class PasstTest {
    private static final Path LAUNCHER =
            Path.of("../host/jail/build", Jail.PROGRAM).toAbsolutePath().normalize();

    @TempDir
    Path directory;

    private final CompletableFuture<Void> vmExit = new CompletableFuture<>();
    private final BlockingQueue<String> notices = new LinkedBlockingQueue<>();
    private Passt network;

    @BeforeEach
    void start() throws VmmException {
        Jail jail = new Jail(LAUNCHER, new Jail.Rules(new Uids(1, 0), Cgroup.none("in a test"), false), List.of());
        network = new Passt(jail, directory, vmExit, notices::add);
    }

    @AfterEach
    void end() {
        network.close();
    }

    private ProcessIdentity passt() throws IOException {
        return ProcessIdentity.of(
                Long.parseLong(Files.readString(directory.resolve("passt.pid")).strip()));
    }

    private String nextNotice() throws InterruptedException {
        String notice = notices.poll(20, TimeUnit.SECONDS);
        assertThat(notice).as("a notice within 20 s").isNotNull();
        return notice;
    }

    @Test
    void aPasstThatIsKilledIsReplacedAndThatIsSaid() throws Exception {
        ProcessIdentity first = passt();
        first.kill(Posix.SIGKILL);
        assertThat(nextNotice()).contains("passt").contains("restarted");
        ProcessIdentity second = passt();
        assertThat(second).isNotEqualTo(first);
        assertThat(second.alive()).isTrue();
        assertThat(Passt.socket(directory)).exists();
        network.close();
        second.exit().get(20, TimeUnit.SECONDS);
        assertThat(notices).as("a network that is closed stays so").isEmpty();
    }

    @Test
    void oneThatEndsWithItsVmIsNotReplaced() throws Exception {
        ProcessIdentity first = passt();
        first.kill(Posix.SIGKILL);
        vmExit.complete(null);
        first.exit().get(20, TimeUnit.SECONDS);
        assertThat(notices.poll(1, TimeUnit.SECONDS)).isNull();
        assertThat(Long.parseLong(
                        Files.readString(directory.resolve("passt.pid")).strip()))
                .isEqualTo(first.pid());
    }

    @Test
    void oneThatEndsAgainAndAgainIsGivenUp() throws Exception {
        for (int i = 0; i < Passt.MAX_RESTARTS; i++) {
            passt().kill(Posix.SIGKILL);
            assertThat(nextNotice()).contains("restarted");
        }
        passt().kill(Posix.SIGKILL);
        assertThat(nextNotice()).contains("the network is lost").contains("stop and start the instance");
    }
}
