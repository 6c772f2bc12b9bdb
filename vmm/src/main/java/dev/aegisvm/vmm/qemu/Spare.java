package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.disk.InstanceDisk;

/**
 * A machine that waits, frozen, for an instance to come. It was restored from a template and has rehearsed a start, so the
 * emulator has translated what a start runs. Nothing in it is anybody's: disk, clock and identity come later.
 */
final class Spare implements Spares.Machine {
    /** Sets of descriptors, as QEMU calls a file that it was passed. */
    private static final int ROOT_SET = 1;

    /** The first of those of a disk. */
    private static final int DISK_SET = 2;

    private static final String DISK_NODE = "instance-node";

    private final Spares.Kind kind;
    private final Template template;
    private final QemuProcess qemu;
    private final QmpClient monitor;
    private final Path directory;
    private final Path scratch;

    /**
     * Freezes a machine.
     *
     * @param template what it was restored from
     * @param line what it was started with; its run directory goes with it
     * @throws IOException if it has ended
     */
    Spare(Spares.Kind kind, Template template, QemuCommandLine line, QemuProcess qemu, QmpClient monitor)
            throws IOException {
        this.kind = kind;
        this.template = template;
        this.qemu = qemu;
        this.monitor = monitor;
        this.directory = line.runDirectory();
        this.scratch = line.disk().getFirst();
        if (!qemu.identity().kill(Posix.SIGSTOP)) {
            throw new IOException("its process has ended");
        }
        if (!kind.mounted()) {
            // QEMU has it open until another disk takes its place.
            Files.delete(scratch);
        }
    }

    @Override
    public Spares.Kind kind() {
        return kind;
    }

    Template template() {
        return template;
    }

    CompletableFuture<VmExit> exit() {
        return qemu.exit();
    }

    @Override
    public boolean alive() {
        return !qemu.exit().isDone();
    }

    /**
     * Lets the machine go on, with an instance's disk in the place of the scratch disk.
     *
     * @param root what takes the place of the base image, where something does
     * @param disk is there; only a machine whose root is mounted makes it, as a copy of what it has mounted
     */
    void wake(Optional<Path> root, Path disk, long diskBytes) throws IOException, VmmException {
        if (!qemu.identity().kill(Posix.SIGCONT)) {
            throw new IOException("its process has ended");
        }
        if (kind.mounted()) {
            copyScratch(disk);
        }
        qemu.within(QemuProcess.MONITOR_LIMIT, () -> {
            if (root.isPresent()) {
                qemu.addFile(ROOT_SET, Jailed.Access.READ, root.get());
                monitor.exchange(
                        QemuCommandLine.ROOT_DEVICE,
                        QemuCommandLine.ROOT_NODE,
                        BlockNode.image("image-node", file(ROOT_SET)));
            }
            List<Path> files = new ArrayList<>();
            List<Path> chain = new DiskChain(disk).own(diskBytes);
            for (Path file : chain) {
                int set = DISK_SET + files.size();
                boolean top = file.equals(chain.getLast());
                qemu.addFile(set, top ? Jailed.Access.READ_WRITE : Jailed.Access.READ, file);
                files.add(file(set));
            }
            monitor.exchange(
                    QemuCommandLine.DISK_DEVICE,
                    QemuCommandLine.DISK_NODE,
                    BlockNode.disk(DISK_NODE, files, diskBytes));
            if (kind.mounted()) {
                monitor.resume();
            }
        });
    }

    /** QEMU has written all that the guest has, when it has stopped it; until it resumes, nothing is written. */
    private void copyScratch(Path disk) throws IOException, VmmException {
        qemu.within(QemuProcess.MONITOR_LIMIT, monitor::stop);
        InstanceDisk.copy(scratch, disk);
        Files.delete(scratch);
    }

    private static Path file(int set) {
        return Path.of("/dev/fdset/" + set);
    }

    /** The VM that it has become. */
    Vm vm(Map<String, Duration> stages, VmSpec spec, String madeBy, Consumer<String> log) {
        Origin origin = new Origin(
                Origin.Mode.SPARE,
                kind.mounted(),
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
