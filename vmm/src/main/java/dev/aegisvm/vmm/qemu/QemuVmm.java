package dev.aegisvm.vmm.qemu;

import dev.aegisvm.vmm.BootMode;
import dev.aegisvm.vmm.Capability;
import dev.aegisvm.vmm.GuestImage;
import dev.aegisvm.vmm.GuestPreparer;
import dev.aegisvm.vmm.Vm;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmSpec;
import dev.aegisvm.vmm.Vmm;
import dev.aegisvm.vmm.VmmException;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.net.Passt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The QEMU backend. A VM starts from a spare machine, or else by restoring a template; where there is none, or it does not work, the kernel boots, the
 * reason is said, and a template is made for the next time.
 */
public final class QemuVmm implements Vmm {
    private static final long MEBIBYTE = 1024L * 1024;
    /** Long enough for a started instance to have done its first things. */
    private static final Duration QUIET_BEFORE_SPARE = Duration.ofSeconds(1);

    private final QemuSettings settings;
    private final Templates templates;
    private final Accelerators accelerators;
    private final Spares<Spare> spares;
    private final Set<TemplateKind> beingMade = ConcurrentHashMap.newKeySet();

    public QemuVmm(QemuSettings settings, GuestPreparer preparer) {
        String qemu = fingerprint();
        this.settings = settings;
        this.templates = new Templates(settings, preparer, qemu);
        this.accelerators = new Accelerators(settings, templates, qemu);
        this.spares = Spares.open(
                new SpareMaker(settings, preparer, templates, accelerators), QUIET_BEFORE_SPARE, settings.log());
    }

    @Override
    public String name() {
        return "qemu";
    }

    @Override
    public Set<Capability> capabilities() {
        return EnumSet.allOf(Capability.class);
    }

    /** Chooses the accelerator and makes the template for a shape, unless both were done before. */
    public void prepare(VmShape shape) throws VmmException {
        templates.make(base(shape), accelerators.choose());
    }

    @Override
    public Vm start(VmSpec spec) throws VmmException {
        // A spare cannot be given another directory to share than the one it was started with.
        Optional<Spare> spare = spec.share().isEmpty() ? spares.take(spec.shape()) : spares.takeNone();
        try {
            Optional<Vm> woken = spare.isPresent() ? wake(spec, spare.get()) : Optional.empty();
            return woken.isPresent() ? woken.get() : restoreOrBoot(spec);
        } finally {
            spares.started(spec.shape());
        }
    }

    /** A spare that does not come to life leaves the start to the template. */
    private Optional<Vm> wake(VmSpec spec, Spare spare) throws VmmException {
        Stopwatch watch = new Stopwatch();
        try {
            createDiskIfMissing(spec);
            watch.finished("disk");
            spare.wake(spec.root(), spec.disk(), spec.diskSizeMb() * MEBIBYTE);
            watch.finished("wake");
            return Optional.of(spare.vm(watch.stages(), spec.notices(), settings.log()));
        } catch (IOException e) {
            settings.log().accept("spare: it could not be used for vm " + spec.id() + ": " + e.getMessage());
            spare.discard();
            return Optional.empty();
        } catch (VmmException e) {
            spare.discard();
            throw e;
        }
    }

    private Vm restoreOrBoot(VmSpec spec) throws VmmException {
        Accelerator accelerator = accelerators.choose();
        TemplateKind own = new TemplateKind(spec.shape(), image(spec));
        return switch (templates.find(own, accelerator)) {
            case Templates.Found.Ready(Template template) ->
                restoreOrBoot(spec, accelerator, new Choice(own, template, fresh(spec)));
            case Templates.Found.None(String reason) -> {
                makeLater(own, accelerator);
                yield spec.root().isPresent() ? restoreBareOrBoot(spec, accelerator) : boot(spec, accelerator, reason);
            }
        };
    }

    /** The bare machine of the base image has not read its root yet, so that any other will do as well. */
    private Vm restoreBareOrBoot(VmSpec spec, Accelerator accelerator) throws VmmException {
        TemplateKind base = base(spec.shape());
        return switch (templates.find(base, accelerator)) {
            case Templates.Found.Ready(Template template) ->
                restoreOrBoot(spec, accelerator, new Choice(base, template, false));
            case Templates.Found.None(String reason) -> {
                makeLater(base, accelerator);
                yield boot(spec, accelerator, reason);
            }
        };
    }

    /**
     * A template to start from.
     *
     * @param mounted whether it is its mounted machine
     */
    private record Choice(TemplateKind kind, Template template, boolean mounted) {}

    /** A mounted template knows its own fresh disk and no other. */
    private boolean fresh(VmSpec spec) {
        return Files.notExists(spec.disk()) && spec.diskSizeMb() == settings.diskSizeMb();
    }

    private Vm restoreOrBoot(VmSpec spec, Accelerator accelerator, Choice choice) throws VmmException {
        boolean fresh = Files.notExists(spec.disk());
        try {
            return restore(spec, accelerator, choice.template(), choice.mounted());
        } catch (RestoreException e) {
            templates.discard(choice.template(), e.getMessage());
            makeLater(choice.kind(), accelerator);
            if (fresh) {
                deleteDisk(spec.disk());
            }
            return boot(spec, accelerator, "its template could not be restored: " + e.getMessage());
        }
    }

    private Vm restore(VmSpec spec, Accelerator accelerator, Template template, boolean mounted)
            throws VmmException, RestoreException {
        Stopwatch watch = new Stopwatch();
        var start = mounted
                ? new QemuCommandLine.Start.Restore(template.mountedMemory(), template.mountedState())
                : new QemuCommandLine.Start.Restore(template.bareMemory(), template.bareState());
        Launched launched = launch(spec, accelerator, start, watch, () -> {
            if (mounted) {
                InstanceDisk.copy(template.mountedDisk(), spec.disk());
            } else {
                createDiskIfMissing(spec);
            }
        });
        try {
            var _ = launched.qemu().restore(start.state());
        } catch (RestoreException e) {
            launched.network().close();
            throw e;
        }
        watch.finished("restore");
        BootMode mode = mounted ? BootMode.TEMPLATE : BootMode.TEMPLATE_BARE;
        var origin = new QemuVm.Origin(mode, Optional.empty(), reason -> templates.discard(template, reason), () -> {});
        return running(launched, origin, watch);
    }

    private Vm boot(VmSpec spec, Accelerator accelerator, String reason) throws VmmException {
        settings.log().accept("vm " + spec.id() + ": booting its kernel, since " + reason);
        Stopwatch watch = new Stopwatch();
        Launched launched =
                launch(spec, accelerator, new QemuCommandLine.Start.Boot(), watch, () -> createDiskIfMissing(spec));
        var origin = new QemuVm.Origin(BootMode.COLD, Optional.of(reason), ignored -> {}, () -> {});
        return running(launched, origin, watch);
    }

    /** Nobody needs the monitor any more. The network is ready long before a guest; one that failed is known here. */
    private static Vm running(Launched launched, QemuVm.Origin origin, Stopwatch watch) throws VmmException {
        try {
            if (launched.spec().share().isPresent()) {
                launched.qemu().requireOpen(launched.spec().share().get().directory(), origin.mode() != BootMode.COLD);
            }
            launched.qemu().closeMonitor();
            Passt passt = launched.network().await();
            watch.finished("network");
            GuestNetwork network = new GuestNetwork(
                    launched.spec().runDirectory(), passt, launched.qemu().exit());
            network.keepUp(launched.spec().notices());
            return new QemuVm(launched.qemu(), network, origin, watch.stages());
        } catch (VmmException e) {
            launched.qemu().kill();
            launched.network().close();
            throw e;
        }
    }

    /** A QEMU that has connected to its sockets, and the network that comes up beside it. */
    private record Launched(VmSpec spec, QemuProcess qemu, PendingNetwork network) {}

    /** Provides a VM's disk. */
    @FunctionalInterface
    private interface DiskStep {
        void run() throws VmmException;
    }

    /** The stages that every start has: the disk, then QEMU, with the network beside both. On failure no process is left. */
    private Launched launch(
            VmSpec spec, Accelerator accelerator, QemuCommandLine.Start start, Stopwatch watch, DiskStep disk)
            throws VmmException {
        PendingNetwork network = PendingNetwork.start(spec.runDirectory());
        try {
            disk.run();
            watch.finished("disk");
            QemuProcess qemu = QemuProcess.start(commandLine(spec, accelerator, start));
            watch.finished("spawn");
            return new Launched(spec, qemu, network);
        } catch (VmmException e) {
            network.close();
            throw e;
        }
    }

    private QemuCommandLine commandLine(VmSpec spec, Accelerator accelerator, QemuCommandLine.Start start) {
        return new QemuCommandLine(
                image(spec),
                spec.shape(),
                accelerator,
                spec.disk(),
                spec.diskSizeMb() * MEBIBYTE,
                spec.runDirectory(),
                Optional.of(Passt.socket(spec.runDirectory())),
                spec.share(),
                start);
    }

    private GuestImage image(VmSpec spec) {
        return spec.root().map(settings.image()::withRoot).orElse(settings.image());
    }

    private TemplateKind base(VmShape shape) {
        return new TemplateKind(shape, settings.image());
    }

    /** Makes a template without anyone waiting for it; not for an image where a spare, which serves them all, is faster. */
    private void makeLater(TemplateKind kind, Accelerator accelerator) {
        boolean spared = settings.spares() > 0 && accelerator.emulated();
        boolean wanted = kind.equals(base(kind.shape())) || !spared;
        if (!wanted || !beingMade.add(kind)) {
            return;
        }
        Thread.ofVirtual().name("template-" + kind.shape()).start(() -> {
            try {
                templates.make(kind, accelerator);
                spares.want(kind.shape());
            } catch (VmmException e) {
                settings.log().accept("template: " + e.getMessage());
            } finally {
                beingMade.remove(kind);
            }
        });
    }

    /** Ends the spare machine. */
    @Override
    public void close() {
        spares.close();
    }

    private static void createDiskIfMissing(VmSpec spec) throws VmmException {
        if (Files.notExists(spec.disk())) {
            InstanceDisk.create(spec.disk(), spec.diskSizeMb());
        }
    }

    private static void deleteDisk(Path disk) throws VmmException {
        try {
            Files.deleteIfExists(disk);
        } catch (IOException e) {
            throw new VmmException("cannot delete the unused disk " + disk, "Delete it by hand.", e);
        }
    }

    /** Tells one QEMU from the next without starting it (where it is, how long, and from when), and one processor. */
    private static String fingerprint() {
        for (String directory : System.getenv().getOrDefault("PATH", "/usr/bin").split(":", -1)) {
            Path binary = Path.of(directory, Accelerator.TCG.binary());
            try {
                if (Files.isExecutable(binary)) {
                    return binary + ":" + Files.size(binary) + ":" + Files.getLastModifiedTime(binary) + ":"
                            + processor();
                }
            } catch (IOException unreadable) {
                // The next one, then.
            }
        }
        return "missing";
    }

    /** A saved machine has the time stamp counter's rate in it, and with KVM the processor's features too. */
    private static String processor() throws IOException {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .orElse("unknown");
        }
    }
}
