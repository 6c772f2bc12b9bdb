package dev.aegisvm.vmm.qemu;

import dev.aegisvm.host.Posix;
import dev.aegisvm.vmm.BootMode;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.net.Passt;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A machine that waits, frozen, for an instance to come. It was restored from the bare template and has rehearsed a start,
 * so the emulator has translated what a start runs. Nothing in it is anybody's: disk, clock and identity come later.
 */
final class Spare implements Spares.Machine {
    private final VmShape shape;
    private final QemuProcess qemu;
    private final QmpClient monitor;
    private final Passt passt;
    private final Path directory;

    /**
     * Freezes a machine.
     *
     * @param line what it was started with; its run directory goes with it
     * @throws IOException if it has ended
     */
    Spare(QemuCommandLine line, QemuProcess qemu, QmpClient monitor, Passt passt) throws IOException {
        this.shape = line.shape();
        this.qemu = qemu;
        this.monitor = monitor;
        this.passt = passt;
        this.directory = line.runDirectory();
        if (!qemu.identity().kill(Posix.SIGSTOP)) {
            throw new IOException("its process has ended");
        }
    }

    @Override
    public VmShape shape() {
        return shape;
    }

    @Override
    public boolean alive() {
        return !qemu.exit().isDone() && passt.alive();
    }

    /**
     * Lets the machine go on, with an instance's disk in the place of the scratch disk, and nobody at its monitor.
     *
     * @param root what takes the place of the base image, where something does
     */
    void wake(Optional<Path> root, Path disk, long diskBytes) throws IOException {
        if (!qemu.identity().kill(Posix.SIGCONT)) {
            throw new IOException("its process has ended");
        }
        qemu.within(QemuProcess.MONITOR_LIMIT, () -> {
            if (root.isPresent()) {
                monitor.exchange(
                        QemuCommandLine.ROOT_DEVICE,
                        QemuCommandLine.ROOT_NODE,
                        BlockNode.image("image-node", root.get()));
            }
            monitor.exchange(
                    QemuCommandLine.DISK_DEVICE,
                    QemuCommandLine.DISK_NODE,
                    BlockNode.disk("instance-node", disk, diskBytes));
        });
        monitor.close();
    }

    /**
     * The VM that it has become.
     *
     * @param notices as in {@link dev.aegisvm.vmm.VmSpec}
     */
    Vm vm(Map<String, Duration> stages, Consumer<String> notices, Consumer<String> log) {
        var origin = new QemuVm.Origin(
                BootMode.SPARE,
                Optional.empty(),
                reason -> log.accept("spare: it was of no use: " + reason),
                this::removeDirectory);
        GuestNetwork network = new GuestNetwork(directory, passt, qemu.exit());
        network.keepUp(notices);
        return new QemuVm(qemu, network, origin, stages);
    }

    @Override
    public void discard() {
        qemu.kill();
        passt.close();
        try {
            monitor.close();
            qemu.channel().close();
        } catch (IOException alreadyClosed) {
            // The peer is gone; there is nothing left to lose.
        }
        removeDirectory();
    }

    private void removeDirectory() {
        try {
            TemplateMaker.discard(directory);
        } catch (IOException gone) {
            // At its end the daemon removes all such directories.
        }
    }
}
