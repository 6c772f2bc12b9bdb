package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The host loses its power: QEMU and the daemon die, and so does what the host's kernel had not written yet. docs/QUESTIONS.md. */
@Tag("vm")
@Tag("check-all")
@Tag("only-root")
@NotInOuterVm("a disk is the same device with any accelerator")
class PowerCutTest {
    @RegisterExtension
    final HomeFixture home = HomeFixture.create();

    private DiskWithoutPower disk;

    @BeforeEach
    void mount() throws IOException {
        disk = new DiskWithoutPower(home.directory().resolve("data"), 4096);
        home.aegis("up").ok();
    }

    @AfterEach
    void unmount() throws IOException {
        home.aegis("down");
        disk.close();
    }

    /** Starts an instance and writes a file in it, to the disk and to memory, without waiting for either to be durable. */
    private void startAndWrite(String name) {
        home.aegis("run", "-d", "-m", "256M", "--name", name, "--", "sleep", "infinity")
                .ok();
        home.aegis("exec", name, "--", "sh", "-c", "echo " + name + " | tee /root/f >/dev/shm/f")
                .ok();
    }

    @Test
    void whatWasPromisedIsThere() throws IOException {
        startAndWrite("stopped");
        home.aegis("stop", "stopped").ok();
        startAndWrite("paused");
        home.aegis("instance", "pause", "paused").ok();
        startAndWrite("saved");
        home.aegis("snapshot", "create", "saved", "snap").ok();
        startAndWrite("running");
        home.aegis("exec", "running", "--", "sync", "/root/f").ok();
        Path forgotten = Files.writeString(home.directory().resolve("data/forgotten"), "written, and never synced");

        List<Long> pids = new ArrayList<>(home.vmPids());
        pids.add(home.daemonPid());
        disk.cut(pids);
        disk.powerOn();

        assertThat(forgotten).as("the power was cut").doesNotExist();
        home.aegis("up").ok();
        for (String name : List.of("stopped", "paused", "saved", "running")) {
            home.aegis("start", name).ok();
            assertThat(home.aegis("exec", name, "--", "cat", "/root/f").ok().stdout())
                    .isEqualTo(name + "\n");
        }
        home.aegis("fork", "snap", "--name", "fork").ok();
        assertThat(home.aegis("exec", "fork", "--", "cat", "/root/f", "/dev/shm/f")
                        .ok()
                        .stdout())
                .isEqualTo("saved\nsaved\n");
    }
}
