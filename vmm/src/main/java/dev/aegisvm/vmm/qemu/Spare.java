package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/**
 * A machine that waits, frozen, for a new instance of the base image. It was restored from the mounted template and has run a few
 * processes, so the emulator has translated what a start runs. Disk, clock and identity come later.
 */
final class Spare implements Spares.Machine {
    /** The set of descriptors, as QEMU calls a file that it was passed, of the disk. */
    private static final int DISK_SET = 1;

    private static final String DISK_NODE = "instance-node";

    private final VmShape shape;
    private final QemuProcess qemu;
    private final QmpClient monitor;
    private final Path directory;
    private final Path scratch;

    /**
     * Freezes a machine.
     *
     * @param line what it was started with; its run directory goes with it
     * @throws IOException if it has ended
     */
    Spare(QemuCommandLine line, QemuProcess qemu, QmpClient monitor) throws IOException {
        this.shape = line.shape();
        this.qemu = qemu;
        this.monitor = monitor;
        this.directory = line.runDirectory();
        this.scratch = line.disk().getFirst();
        if (!qemu.identity().kill(Posix.SIGSTOP)) {
            throw new IOException("its process has ended");
        }
    }

    @Override
    public VmShape shape() {
        return shape;
    }

    CompletableFuture<VmExit> exit() {
        return qemu.exit();
    }

    @Override
    public boolean alive() {
        return !qemu.exit().isDone();
    }

    /**
     * Lets the machine go on with a disk of the instance's own, which begins as a copy of its scratch disk. QEMU has written all that
     * the guest has, when it has stopped it.
     */
    void wake(Path disk, long diskBytes) throws IOException, VmmException {
        if (!qemu.identity().kill(Posix.SIGCONT)) {
            throw new IOException("its process has ended");
        }
        qemu.within(QemuProcess.MONITOR_LIMIT, monitor::stop);
        InstanceDisk.copy(scratch, disk);
        Files.delete(scratch);
        qemu.within(QemuProcess.MONITOR_LIMIT, () -> {
            qemu.addFile(DISK_SET, Jailed.Access.READ_WRITE, disk);
            List<Path> files = List.of(Path.of("/dev/fdset/" + DISK_SET));
            monitor.exchange(
                    QemuCommandLine.DISK_DEVICE,
                    QemuCommandLine.DISK_NODE,
                    BlockNode.disk(DISK_NODE, files, diskBytes));
            monitor.resume();
        });
    }

    /** The VM that it has become. */
    Vm vm(Map<String, Duration> stages, VmSpec spec, String madeBy, Consumer<String> log) {
        Origin origin = new Origin(
                Origin.Mode.SPARE,
                true,
                Optional.empty(),
                stages,
                () -> {},
                reason -> log.accept("spare: discarded: " + reason));
        QemuVm.Disk disk = new QemuVm.Disk(monitor, spec, DISK_NODE, madeBy);
        return new QemuVm(qemu, Optional.empty(), origin, disk, this::removeDirectory);
    }

    @Override
    public void discard() {
        qemu.kill();
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
            PrivateDirectory.remove(directory);
        } catch (IOException gone) {
            // At its end the daemon removes all such directories.
        }
    }
}
