package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.qemu.QemuProcess.RestoreException;
import org.jspecify.annotations.Nullable;

/** Makes spare machines: restores a template with a disk of nobody's, and has its guest rehearse a start. */
final class SpareMaker implements Spares.Maker<Spare> {
    private static final Duration REHEARSAL_LIMIT = Duration.ofMinutes(1);
    /** Nothing of it is ever read again. */
    private static final int SCRATCH_MB = 64;

    private static final int MEBIBYTE_BITS = 20;

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
    public Optional<Spare> make(Spares.Kind kind) throws VmmException {
        Template.Kind saved = new Template.Kind(kind.shape(), settings.image());
        Accelerator accelerator = accelerators.choose(kvm -> templates.boot(saved, kvm));
        if (!accelerator.emulated()) {
            return Optional.empty();
        }
        if (!settings.spareFits().test(kind.shape())) {
            settings.log().accept("spare: not making one of " + kind + ", because the host is short of memory");
            return Optional.empty();
        }
        return switch (templates.find(saved, accelerator)) {
            case Templates.Found.Ready(Template template) -> Optional.of(make(kind, accelerator, template));
            case Templates.Found.None none -> Optional.empty();
        };
    }

    private Spare make(Spares.Kind kind, Accelerator accelerator, Template template) throws VmmException {
        try {
            Path directory = Files.createTempDirectory(settings.runDirectory(), "s-");
            try {
                Spare spare = rehearsed(kind, commandLine(kind, accelerator, directory, template), template);
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

    private Spare rehearsed(Spares.Kind kind, QemuCommandLine line, Template template)
            throws IOException, RestoreException, VmmException {
        if (kind.mounted()) {
            InstanceDisk.copy(template.mountedDisk(), line.disk().getFirst());
        } else {
            InstanceDisk.create(line.disk().getFirst(), SCRATCH_MB);
        }
        QemuProcess qemu = QemuProcess.start(line, jail);
        try {
            began(qemu);
            QmpClient monitor = qemu.restore(template.start(kind.mounted()).state(), false);
            qemu.within(REHEARSAL_LIMIT, () -> rehearse(kind, qemu.channel()));
            return new Spare(kind, template, line, qemu, monitor);
        } catch (IOException | RestoreException e) {
            qemu.kill();
            throw e;
        } finally {
            ended();
        }
    }

    private void rehearse(Spares.Kind kind, ByteChannel channel) throws IOException {
        if (kind.mounted()) {
            preparer.warmUpAndPark(channel, REHEARSAL_LIMIT);
        } else {
            preparer.rehearse(channel, REHEARSAL_LIMIT);
        }
    }

    private QemuCommandLine commandLine(Spares.Kind kind, Accelerator accelerator, Path directory, Template template) {
        return new QemuCommandLine(
                settings.image(),
                kind.shape(),
                accelerator,
                List.of(directory.resolve("scratch.disk")),
                // As large as that of the instance to come, where the guest has it mounted and would be told of a
                // change.
                kind.mounted() ? (long) settings.diskSizeMb() << MEBIBYTE_BITS : InstanceDisk.DEVICE_BYTES,
                directory,
                Optional.empty(),
                List.of(),
                template.start(kind.mounted()));
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
