package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.net.Passt;
import dev.aegisvm.vmm.qemu.QemuCommandLine.Start;
import dev.aegisvm.vmm.start.*;

/** QEMU: a process in a jail for each machine, which it saves and loads by migration to and from files. */
public final class QemuMachines implements Machines {
    private final String version = QemuBinary.fingerprint();
    private final Jail jail;
    private final QemuFiles files;
    private final Capabilities capabilities;
    /** Whether the user knows which walls are missing. */
    private final AtomicBoolean told = new AtomicBoolean();

    /** @param cache where the jail's copies of QEMU's files are kept */
    public QemuMachines(Jail jail, Path cache) {
        this.jail = jail;
        this.files = new QemuFiles(cache);
        this.capabilities = new Capabilities(
                "qemu",
                EnumSet.allOf(Capability.class),
                QemuCommandLine.DEVICES,
                Duration.ZERO,
                new QemuLayers(jail, files),
                Set.of(QemuBinary.NAME, Jail.PROGRAM, Passt.NAME));
    }

    /** Looks for the program. */
    public static Finding check() {
        Optional<Path> binary = Program.find(QemuBinary.NAME);
        if (binary.isEmpty()) {
            return Finding.bad("qemu", QemuBinary.NAME + " is missing", Finding.install(QemuBinary.PACKAGE));
        }
        try {
            return Finding.ok("qemu", binary.get() + ", version " + QemuBinary.version());
        } catch (VmmException obstacle) {
            return Finding.bad("qemu", binary.get() + ": " + obstacle.getMessage(), obstacle.hint());
        }
    }

    @Override
    public Capabilities capabilities() {
        return capabilities;
    }

    @Override
    public Optional<String> toTell() {
        try {
            return told.getAndSet(true) ? Optional.empty() : jail.lacks();
        } catch (IOException obstacle) {
            return Optional.of(HostError.text(obstacle));
        }
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
        List<Path> disk = List.of(launch.spec().disk());
        QemuCommandLine line = new QemuCommandLine(launch, disk, new Start.BootToSave());
        return String.join("\n", line.arguments(Processor.ours())) + "\n" + version;
    }

    @Override
    public Machine boot(Launch launch, boolean toBeSaved) throws VmmException {
        return connected(started(launch, toBeSaved ? new Start.BootToSave() : new Start.Boot()), launch);
    }

    @Override
    public Machine load(Launch launch, Path saved) throws VmmException {
        Start.Load from = new SavedMachine(saved).load(madeBy(launch.accelerator()));
        QemuMachine machine = started(launch, from);
        try {
            machine.within(
                    QemuMachine.MONITOR_LIMIT,
                    () -> machine.monitor().restore(from.machine().toString(), from.isOneFile()));
        } catch (IOException e) {
            String reason = e.getMessage() + " " + machine.kill().diagnostics();
            machine.discard();
            boolean forItsDisk = reason.contains(QemuCommandLine.DISK_NODE);
            throw new NotLoaded("cannot load the saved VM " + saved + ": " + reason, forItsDisk, e);
        }
        launch.spec().ended().accept("restore");
        return connected(machine, launch);
    }

    /** Its network comes up, where it is to have one. */
    private Machine connected(QemuMachine machine, Launch launch) throws VmmException {
        try {
            if (launch.spec().network()) {
                machine.connect(jail);
            }
            launch.spec().ended().accept("network");
            return machine;
        } catch (VmmException e) {
            machine.discard();
            throw e;
        }
    }

    @Override
    public Vm become(Machine machine, VmSpec spec, Origin origin) {
        return new QemuVm((QemuMachine) machine, spec, origin, capabilities);
    }

    @Override
    public void adopt(Path snapshot, int memoryMb, Accelerator accelerator) throws VmmException {
        new SavedMachine(snapshot).adopt((long) memoryMb << 20, madeBy(accelerator));
    }

    private QemuMachine started(Launch launch, Start start) throws VmmException {
        VmSpec spec = launch.spec();
        List<Path> disk = new DiskChain(spec.disk()).own(capabilities.layers(), spec.diskBytes());
        QemuCommandLine line = new QemuCommandLine(launch, disk, start);
        QemuMachine machine = new QemuMachine(line, jail, files, madeBy(launch.accelerator()));
        spec.ended().accept("spawn");
        return machine;
    }

    /** By what memory that is saved can be loaded again. */
    private String madeBy(Accelerator accelerator) {
        return Fingerprint.of(version + "\n" + QemuCommandLine.option(accelerator) + "\n"
                + QemuCommandLine.cpu(accelerator, Processor.ours()));
    }
}
