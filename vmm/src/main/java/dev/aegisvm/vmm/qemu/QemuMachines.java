package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.start.*;
import dev.aegisvm.vmm.start.Machine;

/** QEMU: a process in a jail for each machine, which it saves and loads by migration to and from files. */
public final class QemuMachines implements Machines {
    private final String version = QemuBinary.fingerprint();
    private final QemuJail jail;
    private final Network network;

    /** @param cache where the jail's copies of QEMU's files are kept */
    public QemuMachines(Jail jail, Path cache, Network network) {
        this.jail = new QemuJail(jail, new QemuFiles(cache), new AtomicBoolean());
        this.network = network;
    }

    /** Looks for the program. */
    public static Finding check() {
        return QemuBinary.check();
    }

    @Override
    public Capabilities capabilities() {
        return QemuVm.CAPABILITIES;
    }

    @Override
    public Set<String> processNames() {
        return Set.of(QemuBinary.NAME, Jail.PROGRAM);
    }

    @Override
    public Map<String, String> walls() {
        return jail.walls();
    }

    @Override
    public Optional<String> toTell() {
        return jail.toTell();
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public void require() throws VmmException {
        QemuBinary.version();
    }

    @Override
    public String key(Launch launch) {
        Path disk = launch.spec().disk();
        return String.join("\n", line(launch, List.of(disk), toSave(launch)).arguments()) + "\n" + version;
    }

    @Override
    public Machine boot(Launch launch, boolean toBeSaved) throws VmmException {
        return started(launch, toBeSaved ? toSave(launch) : new QemuCommandLine.Start.Boot());
    }

    private static QemuCommandLine.Start toSave(Launch launch) {
        return new QemuCommandLine.Start.BootToSave(
                QemuMachine.memory(launch.spec().runDirectory()));
    }

    @Override
    public Machine load(Launch launch, Path saved) throws VmmException {
        SavedMachine from = new SavedMachine(saved);
        QemuMachine machine = started(launch, from.start(madeBy(launch.accelerator())));
        try {
            machine.within(QemuMachine.MONITOR_LIMIT, () -> machine.load(from));
        } catch (IOException e) {
            String reason = "cannot load the VM: " + e.getMessage() + " "
                    + machine.kill().diagnostics();
            machine.discard();
            throw new NotLoaded(
                    from.isMapped() ? "cannot load the saved VM " + saved + ": " + reason : reason,
                    reason.contains(QemuCommandLine.DISK_NODE),
                    e);
        }
        launch.watch().finished("restore");
        return machine;
    }

    @Override
    public Vm become(Machine machine, VmSpec spec, Optional<GuestNetwork> network, Origin origin) {
        return new QemuVm((QemuMachine) machine, spec, network, origin);
    }

    @Override
    public void adopt(Path snapshot, int memoryMb, Accelerator accelerator) throws VmmException {
        new SavedMachine(snapshot).adopt((long) memoryMb << 20, madeBy(accelerator));
    }

    private QemuMachine started(Launch launch, QemuCommandLine.Start start) throws VmmException {
        List<Path> files =
                InstanceDisk.files(launch.spec().disk(), launch.spec().diskBytes());
        QemuCommandLine line = line(launch, files, start);
        QemuMachine machine = QemuMachine.start(line, jail, madeBy(launch.accelerator()));
        launch.watch().finished("spawn");
        return machine;
    }

    private QemuCommandLine line(Launch launch, List<Path> disk, QemuCommandLine.Start start) {
        VmSpec spec = launch.spec();
        return new QemuCommandLine(
                launch.image(),
                spec.shape(),
                launch.accelerator(),
                disk,
                spec.diskBytes(),
                spec.runDirectory(),
                spec.network() ? Optional.of(network.socket(spec.runDirectory())) : Optional.empty(),
                spec.shares(),
                start);
    }

    /** By what memory that is saved can be loaded again. */
    private String madeBy(Accelerator accelerator) {
        return Fingerprint.of(version + "\n" + QemuCommandLine.option(accelerator) + "\n"
                + QemuCommandLine.cpu(accelerator, Processor.ours()));
    }
}
