package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.qemu.QemuProcess.RestoreException;
import org.jspecify.annotations.Nullable;

/** Makes spare machines: restores a mounted template with a copy of its disk, and has its guest run a few processes. */
final class SpareMaker implements Spares.Maker<Spare> {
    private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(1);
    private static final int MEBIBYTE_BITS = 20;

    private final QemuSettings settings;
    private final QemuJail jail;
    private final GuestPreparer preparer;
    private final Templates templates;
    private final Accelerators accelerators;
    private @Nullable QemuProcess warming;
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
        Template.Kind saved = new Template.Kind(shape, settings.image());
        Accelerator accelerator = accelerators.choose(kvm -> templates.boot(saved, kvm));
        if (!accelerator.emulated()) {
            return Optional.empty();
        }
        if (!settings.spareFits().test(shape)) {
            settings.log().accept("spare: not making one of " + shape + ", because the host is short of memory");
            return Optional.empty();
        }
        return switch (templates.find(saved, accelerator)) {
            case Templates.Found.Ready(Template template) -> Optional.of(make(shape, accelerator, template));
            case Templates.Found.None none -> Optional.empty();
        };
    }

    private Spare make(VmShape shape, Accelerator accelerator, Template template) throws VmmException {
        try {
            Path directory = Files.createTempDirectory(settings.runDirectory(), "s-");
            try {
                Spare spare = warm(commandLine(shape, accelerator, directory, template), template);
                templates.use(template, spare.exit());
                return spare;
            } catch (IOException | RestoreException | VmmException e) {
                PrivateDirectory.remove(directory);
                throw e;
            }
        } catch (IOException | RestoreException e) {
            throw new VmmException(String.valueOf(e.getMessage()), "VMs start without it, but more slowly.", e);
        }
    }

    private Spare warm(QemuCommandLine line, Template template) throws IOException, RestoreException, VmmException {
        InstanceDisk.copy(template.mountedDisk(), line.disk().getFirst());
        QemuProcess qemu = QemuProcess.start(line, jail);
        try {
            began(qemu);
            QmpClient monitor = qemu.restore(template.mountedState(), false);
            qemu.within(WARM_UP_LIMIT, () -> preparer.warmUpAndPark(qemu.channel(), WARM_UP_LIMIT));
            return new Spare(line, qemu, monitor);
        } catch (IOException | RestoreException e) {
            qemu.kill();
            throw e;
        } finally {
            ended();
        }
    }

    /** Its disk is as large as that of the instance to come: the guest has it mounted, and would be told of a change. */
    private QemuCommandLine commandLine(VmShape shape, Accelerator accelerator, Path directory, Template template) {
        return new QemuCommandLine(
                settings.image(),
                shape,
                accelerator,
                List.of(directory.resolve("scratch.disk")),
                (long) settings.diskSizeMb() << MEBIBYTE_BITS,
                directory,
                Optional.empty(),
                List.of(),
                template.start(true));
    }

    private synchronized void began(QemuProcess qemu) {
        warming = qemu;
        if (aborted) {
            qemu.kill();
        }
    }

    private synchronized void ended() {
        warming = null;
    }

    @Override
    public synchronized void abort() {
        aborted = true;
        if (warming != null) {
            warming.kill();
        }
    }
}
