package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class ProcessIdentityTest {
    @Test
    void signalsTheProcessItNames() throws IOException, InterruptedException {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(sleep.pid());
        assertThat(identity.alive()).isTrue();
        assertThat(identity.kill(Posix.SIGKILL)).isTrue();
        assertThat(sleep.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(identity.alive()).isFalse();
        assertThat(identity.kill(Posix.SIGKILL)).isFalse();
    }

    @Test
    void neverSignalsAnotherProcessWithTheSamePid() throws IOException, InterruptedException {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        try {
            ProcessIdentity real = ProcessIdentity.of(sleep.pid());
            ProcessIdentity earlier = new ProcessIdentity(real.pid(), real.startTicks() - 1, real.bootId());
            ProcessIdentity otherBoot = new ProcessIdentity(real.pid(), real.startTicks(), "another boot");
            assertThat(earlier.kill(Posix.SIGKILL)).isFalse();
            assertThat(otherBoot.kill(Posix.SIGKILL)).isFalse();
            assertThat(sleep.isAlive()).isTrue();
        } finally {
            sleep.destroyForcibly().waitFor();
        }
    }

    @Test
    void waitsForTheEndOfTheProcessItNames() throws IOException {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(sleep.pid());
        assertThat(identity.awaitEnd(Duration.ofMillis(20))).isFalse();
        assertThat(identity.kill(Posix.SIGKILL)).isTrue();
        assertThat(identity.awaitEnd(Duration.ofSeconds(10))).isTrue();
        assertThat(identity.alive()).isFalse();
        assertThat(identity.awaitEnd(Duration.ofSeconds(10))).as("again").isTrue();
    }
}
