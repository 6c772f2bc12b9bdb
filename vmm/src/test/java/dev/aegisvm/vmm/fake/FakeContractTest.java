package dev.aegisvm.vmm.fake;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.contract.BackendContract;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fakes keep the contract that the backends keep, so that what is tested on them holds on those. */
class FakeContractTest {
    abstract static class Fake extends BackendContract {
        @TempDir
        Path directory;

        private final Profile profile;

        Fake(Profile profile) {
            this.profile = profile;
        }

        @Override
        protected Vmm backend() {
            return FakeVmm.withProcesses(profile);
        }

        @Override
        protected Path anImage() throws IOException {
            return Files.writeString(directory.resolve("image.erofs"), "an image");
        }

        @Override
        protected Path newDirectory() throws IOException {
            return Files.createTempDirectory(directory, "d");
        }

        @Override
        protected long limitSeconds() {
            return 10;
        }
    }

    @Nested
    class LikeQemu extends Fake {
        LikeQemu() {
            super(Profile.QEMU);
        }
    }

    @Nested
    class Small extends Fake {
        Small() {
            super(Profile.SMALL);
        }
    }

    @Nested
    class WithoutPauseASecondBootAndSnapshots extends Fake {
        WithoutPauseASecondBootAndSnapshots() {
            super(Profile.QEMU
                    .without(Capability.PAUSE_RESUME)
                    .without(Capability.BOOT_FROM_DISK_LAYERS)
                    .without(Capability.SNAPSHOT)
                    .without(Capability.IMAGE_ROOT));
        }
    }

    /** A machine that does not power off. */
    @Test
    void theWrongWayToEndLeavesASmallMachineAlive(@TempDir Path directory) throws Exception {
        FakeVm vm = (FakeVm) start(new FakeVmm(Profile.SMALL), directory, Optional.empty());
        vm.guestEnds(Profile.Ending.POWER_OFF);
        assertThat(vm.exit()).isNotDone();
        vm.guestEnds(Profile.Ending.REBOOT);
        assertThat(vm.exit().get(10, TimeUnit.SECONDS).end()).isEqualTo(new End.Rebooted());
    }

    private static Vm start(Vmm vmm, Path directory, Optional<Path> snapshot) throws Exception {
        return vmm.start(new VmSpec(
                "vm",
                new VmShape(512, 1),
                Optional.empty(),
                directory.resolve("vm.disk"),
                64,
                Files.createTempDirectory(directory, "r"),
                false,
                List.of(),
                snapshot,
                stage -> {},
                notice -> {}));
    }
}
