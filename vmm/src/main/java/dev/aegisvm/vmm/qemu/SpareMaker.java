package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.qemu.QemuProcess.RestoreException;
import org.jspecify.annotations.Nullable;

/** Makes spare machines: restores the bare template with a scratch disk, and has its guest rehearse a start. */
final class SpareMaker implements Spares.Maker<Spare> {
    private static final Duration REHEARSAL_LIMIT = Duration.ofMinutes(1);
    /** Nothing of it is ever read again. */
    private static final int SCRATCH_MB = 64;

    private final QemuSettings settings;
    private final QemuJail jail;
    private final GuestPreparer preparer;
    private final Templates templates;
    private final Accelerators accelerators;
    private @Nullable QemuProcess rehearsing;
    private boolean aborted;

    SpareMaker(
            QemuSettings settings,
            QemuJail jail,
            GuestPreparer preparer,
            Templates templates,
            Accelerators accelerators) {
        this.settings = settings;
        this.jail = jail;
        this.preparer = preparer;
        this.templates = templates;
        this.accelerators = accelerators;
    }

    @Override
    public Optional<Spare> make(VmShape shape) throws VmmException {
        Template.Kind kind = new Template.Kind(shape, settings.image());
        Accelerator accelerator = accelerators.choose(kind);
        if (settings.spares() == 0 || !accelerator.emulated()) {
            return Optional.empty();
        }
        if (!settings.spareFits().test(shape)) {
            settings.log().accept("spare: none for " + shape + ", since the host is short of memory");
            return Optional.empty();
        }
        return switch (templates.find(kind, accelerator)) {
            case Templates.Found.Ready(Template template) -> Optional.of(make(shape, accelerator, template));
            case Templates.Found.None none -> Optional.empty();
        };
    }

    private Spare make(VmShape shape, Accelerator accelerator, Template template) throws VmmException {
        try {
            Path directory = Files.createTempDirectory(settings.runDirectory(), "s-");
            GuestNetwork network = GuestNetwork.begin(settings.network(), directory);
            var start = new QemuCommandLine.Start.Restore(template.bareMemory(), template.bareState());
            try {
                Spare spare = rehearsed(commandLine(shape, accelerator, directory, start), start, network);
                templates.use(template, spare.exit());
                return spare;
            } catch (IOException | RestoreException | VmmException e) {
                network.close();
                PrivateDirectory.remove(directory);
                throw e;
            }
        } catch (IOException | RestoreException e) {
            throw new VmmException(String.valueOf(e.getMessage()), "VMs start without it, only slower.", e);
        }
    }

    private Spare rehearsed(QemuCommandLine line, QemuCommandLine.Start.Restore start, GuestNetwork network)
            throws IOException, RestoreException, VmmException {
        InstanceDisk.create(line.disk(), SCRATCH_MB);
        QemuProcess qemu = QemuProcess.start(line, jail);
        try {
            began(qemu);
            QmpClient monitor = qemu.restore(start.state());
            qemu.within(
                    REHEARSAL_LIMIT,
                    () -> preparer.rehearse(qemu.channel(), settings.network().addresses(), REHEARSAL_LIMIT));
            // QEMU has it open until another disk takes its place.
            Files.delete(line.disk());
            network.await();
            return new Spare(line, qemu, monitor, network);
        } catch (IOException | RestoreException | VmmException e) {
            qemu.kill();
            throw e;
        } finally {
            ended();
        }
    }

    private QemuCommandLine commandLine(
            VmShape shape, Accelerator accelerator, Path directory, QemuCommandLine.Start start) {
        return new QemuCommandLine(
                settings.image(),
                shape,
                accelerator,
                directory.resolve("scratch.disk"),
                InstanceDisk.DEVICE_BYTES,
                directory,
                Optional.of(settings.network().socket(directory)),
                List.of(),
                start,
                true);
    }

    private synchronized void began(QemuProcess qemu) {
        rehearsing = qemu;
        if (aborted) {
            qemu.kill();
        }
    }

    private synchronized void ended() {
        rehearsing = null;
    }

    @Override
    public synchronized void abort() {
        aborted = true;
        if (rehearsing != null) {
            rehearsing.kill();
        }
    }
}
