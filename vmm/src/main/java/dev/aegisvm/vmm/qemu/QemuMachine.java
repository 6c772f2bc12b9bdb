package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.start.Machine;

/** A QEMU with its monitor, to which nothing else speaks. */
final class QemuMachine implements Machine {
    /** The set of descriptors, as QEMU calls a file that it was passed, of a disk that came later; other sets have larger numbers. */
    private static final int DISK_SET = 1;

    private static final String LATER_DISK = "instance-node";

    private final QemuCommandLine line;
    private final QemuProcess qemu;
    private final QmpClient monitor;
    private final String madeBy;
    private final Owned owned;
    private String node = QemuCommandLine.DISK_NODE;
    private boolean takesFiles;

    /** Makes it an instance's. */
    @FunctionalInterface
    interface Owned {
        Vm by(QemuMachine machine, VmSpec spec, Optional<GuestNetwork> network, Origin origin);
    }

    /** @param madeBy by what its memory can be loaded again */
    QemuMachine(QemuCommandLine line, QemuProcess qemu, String madeBy, Owned owned) {
        this.line = line;
        this.qemu = qemu;
        this.monitor = new QmpClient(qemu.monitor());
        this.madeBy = madeBy;
        this.owned = owned;
    }

    /** Where the memory of one that is to be saved is. */
    static Path memory(Path runDirectory) {
        return runDirectory.resolve("making.ram");
    }

    @Override
    public ProcessIdentity process() {
        return qemu.identity();
    }

    @Override
    public ByteChannel channel() {
        return qemu.channel();
    }

    @Override
    public CompletableFuture<VmExit> exit() {
        return qemu.exit();
    }

    @Override
    public GuestDevices devices() {
        return QemuCommandLine.DEVICES;
    }

    @Override
    public long printed() {
        return qemu.console().printed();
    }

    @Override
    public OptionalLong uses() throws IOException {
        return monitor.uses();
    }

    QmpClient monitor() {
        return monitor;
    }

    /** What QEMU calls the file of the disk that the guest writes to. */
    String node() {
        return node;
    }

    String madeBy() {
        return madeBy;
    }

    void load(SavedMachine saved) throws IOException {
        monitor.restore(saved.state().toString(), saved.isMapped());
    }

    @Override
    public void save(Path directory) throws IOException {
        SavedMachine saved = new SavedMachine(directory);
        Path state = line.runDirectory().resolve("making.state");
        monitor.stop();
        monitor.save(state.toString(), false);
        SparseFile.copy(state, saved.state());
        SparseFile.copy(memory(line.runDirectory()), saved.memory());
    }

    @Override
    public void resume() throws IOException {
        monitor.resume();
    }

    /** QEMU has written all that the guest has, when it has stopped it. */
    @Override
    public void moveTo(Path disk) throws IOException, VmmException {
        within(QemuProcess.MONITOR_LIMIT, monitor::stop);
        Path before = line.disk().getFirst();
        InstanceDisk.copy(before, disk);
        Files.delete(before);
        within(QemuProcess.MONITOR_LIMIT, () -> {
            Path file = addFile(DISK_SET, Jailed.Access.READ_WRITE, disk);
            BlockNode later = BlockNode.disk(LATER_DISK, List.of(file), line.diskBytes());
            monitor.exchange(QemuCommandLine.DISK_DEVICE, node, later);
            monitor.resume();
        });
        node = LATER_DISK;
    }

    /** Passes a file to QEMU, which finds it by this path. Only its launcher can, and speaks for us with a second monitor. */
    Path addFile(int set, Jailed.Access access, Path file) throws IOException {
        if (!takesFiles) {
            qemu.program().send("{\"execute\":\"qmp_capabilities\"}");
            awaitReturn();
            takesFiles = true;
        }
        qemu.program().send("{\"execute\":\"add-fd\",\"arguments\":{\"fdset-id\":" + set + "}}", access, file);
        awaitReturn();
        return Path.of("/dev/fdset/" + set);
    }

    /** A greeting and events may come before. */
    private void awaitReturn() throws IOException {
        String line;
        do {
            line = qemu.program().hear();
            if (line.startsWith("{\"error\"")) {
                throw new IOException("QEMU did not accept a file: " + line);
            }
        } while (!line.startsWith("{\"return\""));
    }

    @Override
    public Vm become(VmSpec spec, Optional<GuestNetwork> network, Origin origin) {
        return owned.by(this, spec, network, origin);
    }

    @Override
    public void discard() {
        kill();
        hangUp();
    }

    /** What is left when the process has ended. */
    void hangUp() {
        for (Closeable connection : List.<Closeable>of(qemu.channel(), qemu.monitor())) {
            try {
                connection.close();
            } catch (IOException alreadyClosed) {
                // The peer is gone; there is nothing left to lose.
            }
        }
    }
}
