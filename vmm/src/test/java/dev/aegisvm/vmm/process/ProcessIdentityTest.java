package dev.aegisvm.vmm.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void leftOversAreKnownByProgramAndRunDirectory(@TempDir Path run) throws IOException, InterruptedException {
        // A copy of sleep under passt's name, since a process is known by the name of its program.
        Path passt = Files.copy(Path.of("/usr/bin/sleep"), run.resolve("passt"));
        assertThat(passt.toFile().setExecutable(true)).isTrue();
        Process ours = new ProcessBuilder("sh", "-c", "exec " + passt + " 60").start();
        Process stranger = new ProcessBuilder("sleep", "60").start();
        try {
            org.awaitility.Awaitility.await()
                    .until(() -> ours.info().command().orElse("").endsWith("passt"));
            assertThat(LeftOvers.end(run)).isEqualTo(1);
            assertThat(ours.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            ours.destroyForcibly().waitFor();
            stranger.destroyForcibly().waitFor();
        }
    }
}
