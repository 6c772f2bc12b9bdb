package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import dev.aegisvm.vmm.net.GuestNetwork;
import dev.aegisvm.vmm.qemu.FirstBoot.NotBooted;
import dev.aegisvm.vmm.qemu.QemuProcess.RestoreException;

/**
 * The QEMU backend. A VM starts from a spare machine, or else by restoring a template. Where there is none, or it does not
 * work, the kernel boots, the reason is said, and a template is made for the next time.
 */
public final class QemuVmm implements Vmm {
    private static final long MEBIBYTE = 1024L * 1024;
    /** Long enough for a started instance to have done its first things. */
    private static final Duration QUIET_BEFORE_SPARE = Duration.ofSeconds(1);

    private final QemuSettings settings;
    private final String qemu;
    private final QemuJail jail;
    private final GuestPreparer preparer;
    private final Templates templates;
    private final Accelerators accelerators;
    private final Spares<Spare> spares;

    public QemuVmm(QemuSettings settings, GuestPreparer preparer) {
        this.qemu = QemuBinary.fingerprint();
        this.settings = settings;
        this.jail = new QemuJail(settings.jail(), new QemuFiles(settings.cache()), new AtomicBoolean());
        this.preparer = preparer;
        this.templates = new Templates(settings, jail, preparer, qemu);
        this.accelerators = new Accelerators(settings, qemu, new Kvm(Path.of("/")));
        this.spares = Spares.open(
                new SpareMaker(settings, jail, preparer, templates, accelerators),
                settings.spares(),
                QUIET_BEFORE_SPARE,
                settings.log());
    }

    @Override
    public Capabilities capabilities() {
        return QemuVm.CAPABILITIES;
    }

    @Override
    public Set<String> processNames() {
        Set<String> names = new HashSet<>(settings.network().processNames());
        names.add(QemuBinary.NAME);
        names.add(Jail.PROGRAM);
        return names;
    }

    @Override
    public Map<String, String> walls() {
        return jail.walls();
    }

    /**
     * Looks at all that VMs of this backend need, before there is one.
     *
     * @param root where the host's file system is seen, {@code /} but for tests
     */
    public static List<Finding> check(Path root, Path cache, Path verdicts, Network network) {
        List<Finding> findings = new ArrayList<>();
        findings.add(QemuBinary.check());
        findings.add(new Kvm(root).check(Verdicts.in(verdicts, new Machine(root))));
        findings.add(Templates.check(cache));
        findings.addAll(network.check(root));
        return findings;
    }

    @Override
    public List<String> toTell() {
        return Stream.of(accelerators.toTell(), jail.toTell())
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public List<Saved> saved() {
        return templates.saved();
    }

    /** Chooses the accelerator and makes the template for a shape, unless both were done before. */
    public void prepare(VmShape shape) throws VmmException {
        templates.make(base(shape), accelerators.choose(kvm -> templates.boot(base(shape), kvm)));
    }

    /** Tries KVM again, whatever was found out before. */
    public void tryAgain(VmShape shape) throws IOException, VmmException {
        accelerators.forget();
        accelerators.choose(kvm -> templates.boot(base(shape), kvm));
    }

    @Override
    public Vm launch(VmSpec spec) throws VmmException {
        if (spec.snapshot().isPresent()) {
            return resume(spec, spec.snapshot().get());
        }
        InstanceDisk.requireWhole(spec.disk());
        // A spare has the base image and a fresh disk; it can be given neither a directory to share nor a network.
        boolean fits = spec.root().isEmpty() && fresh(spec) && spec.shares().isEmpty() && !spec.network();
        Optional<Spare> spare = spares.take(fits ? Optional.of(spec.shape()) : Optional.empty());
        try {
            Optional<Vm> woken = spare.isPresent() ? wake(spec, spare.get()) : Optional.empty();
            return woken.isPresent() ? woken.get() : restoreOrBoot(spec);
        } finally {
            spares.started(spec.shape());
        }
    }

    /** A spare that does not come to life leaves the start to the template. */
    private Optional<Vm> wake(VmSpec spec, Spare spare) throws VmmException {
        QemuVm.Stopwatch watch = new QemuVm.Stopwatch();
        try {
            spare.wake(spec.disk(), spec.diskSizeMb() * MEBIBYTE);
            watch.finished("wake");
            return Optional.of(spare.vm(watch.stages(), spec, madeBy(Accelerator.TCG), settings.log()));
        } catch (IOException e) {
            settings.log().accept("spare: not usable for vm " + spec.id() + ": " + e.getMessage());
            spare.discard();
            InstanceDisk.delete(spec.disk());
            return Optional.empty();
        } catch (VmmException e) {
            spare.discard();
            throw e;
        }
    }

    private Vm restoreOrBoot(VmSpec spec) throws VmmException {
        List<Vm> tried = new ArrayList<>(1);
        Accelerator accelerator = accelerators.choose(kvm -> tryBoot(spec, kvm).ifPresent(tried::add));
        if (!tried.isEmpty()) {
            return tried.getFirst();
        }
        Template.Kind own = new Template.Kind(spec.shape(), image(spec));
        // The bare machine of the base image has not read its root yet, so that any other will do as well.
        Template.Kind base = base(spec.shape());
        String obstacle = "";
        List<Template.Kind> missing = new ArrayList<>();
        for (Template.Kind kind : own.equals(base) ? List.of(own) : List.of(own, base)) {
            switch (templates.find(kind, accelerator)) {
                case Templates.Found.Ready(Template template) -> {
                    missing.forEach(each -> makeLater(each, accelerator));
                    return restoreOrBoot(
                            spec, accelerator, new Choice(kind, template, kind.equals(own) && fresh(spec)));
                }
                case Templates.Found.None(String reason) -> {
                    missing.add(kind);
                    obstacle = reason;
                }
            }
        }
        return boot(spec, accelerator, obstacle, missing);
    }

    /** A template to start from. */
    private record Choice(Template.Kind kind, Template template, boolean mounted) {}

    /** A mounted template knows its own fresh disk and no other. */
    private boolean fresh(VmSpec spec) {
        return Files.notExists(spec.disk()) && spec.diskSizeMb() == settings.diskSizeMb();
    }

    private Vm restoreOrBoot(VmSpec spec, Accelerator accelerator, Choice choice) throws VmmException {
        boolean fresh = Files.notExists(spec.disk());
        try {
            return restore(spec, accelerator, choice.template(), choice.mounted());
        } catch (RestoreException e) {
            if (!fresh && e.getMessage().contains(QemuCommandLine.DISK_NODE)) {
                // It complains of the disk: the template is not at fault, and a cold boot would fail as well.
                throw new VmmException(
                        "cannot use the disk " + spec.disk() + ": " + e.getMessage(),
                        "Restore that file from a backup, or delete the instance; other instances are not affected.",
                        e);
            }
            templates.discard(choice.template(), e.getMessage());
            if (fresh) {
                InstanceDisk.delete(spec.disk());
            }
            String reason = "its template could not be loaded: " + e.getMessage();
            return boot(spec, accelerator, reason, List.of(choice.kind()));
        }
    }

    private Vm restore(VmSpec spec, Accelerator accelerator, Template template, boolean mounted)
            throws VmmException, RestoreException {
        QemuVm.Stopwatch watch = new QemuVm.Stopwatch();
        QemuCommandLine.Start.Restore start = template.start(mounted);
        QemuProcess qemu;
        try {
            qemu = launch(spec, accelerator, start, watch, () -> {
                if (mounted) {
                    InstanceDisk.copy(template.mountedDisk(), spec.disk());
                } else {
                    createDiskIfMissing(spec, template);
                }
            });
        } catch (VmmException obstacle) {
            if (Files.notExists(template.directory())) {
                throw new RestoreException("the template was deleted in the meantime", obstacle);
            }
            throw obstacle;
        }
        QmpClient monitor = qemu.restore(start.state(), false);
        templates.use(template, qemu.exit());
        watch.finished("restore");
        return running(
                disk(spec, accelerator, monitor),
                qemu,
                watch,
                stages -> new Origin(
                        mounted ? Origin.Mode.TEMPLATE : Origin.Mode.TEMPLATE_BARE,
                        mounted,
                        Optional.empty(),
                        stages,
                        () -> {},
                        reason -> templates.discard(template, reason)));
    }

    /** @param missing the templates that are made after the start */
    private Vm boot(VmSpec spec, Accelerator accelerator, String reason, List<Template.Kind> missing)
            throws VmmException {
        settings.log().accept("vm " + spec.id() + ": booting its kernel, because " + reason);
        QemuVm.Stopwatch watch = new QemuVm.Stopwatch();
        QemuProcess qemu =
                launch(spec, accelerator, new QemuCommandLine.Start.Boot(), watch, () -> createDiskIfMissing(spec));
        QemuVm.Disk machine = disk(spec, accelerator, new QmpClient(qemu.monitor()));
        Runnable later = () -> missing.forEach(kind -> makeLater(kind, accelerator));
        return running(machine, qemu, watch, stages -> Origin.cold(reason, stages, later));
    }

    /**
     * The first start of a host's first VM, which shows whether KVM can run it. Where QEMU does not even start, it may be for
     * the VM's own files: a machine of its own tells.
     */
    private Optional<Vm> tryBoot(VmSpec spec, Accelerator kvm) throws VmmException {
        boolean fresh = Files.notExists(spec.disk());
        try {
            return Optional.of(bootFirst(spec, kvm));
        } catch (VmmException e) {
            if (fresh) {
                InstanceDisk.delete(spec.disk());
            }
            if (!(e instanceof QemuProcess.NotStarted)) {
                throw e;
            }
            templates.boot(base(spec.shape()), kvm);
            return Optional.empty();
        }
    }

    private Vm bootFirst(VmSpec spec, Accelerator kvm) throws VmmException {
        QemuVm.Stopwatch watch = new QemuVm.Stopwatch();
        QemuProcess qemu = launch(spec, kvm, new QemuCommandLine.Start.Boot(), watch, () -> createDiskIfMissing(spec));
        QmpClient monitor = new QmpClient(qemu.monitor());
        try {
            FirstBoot.await(qemu, monitor, kvm, preparer);
        } catch (NotBooted e) {
            throw new VmmException(String.valueOf(e.getMessage()), "See the daemon's log.", e);
        }
        watch.finished("boot");
        QemuVm.Disk machine = disk(spec, kvm, monitor);
        Runnable later = () -> makeLater(base(spec.shape()), kvm);
        return running(machine, qemu, watch, stages -> Origin.cold("it is the first VM with KVM", stages, later));
    }

    /** The network of a machine that runs comes up, where it is to have one of its own. */
    private Vm running(
            QemuVm.Disk machine,
            QemuProcess qemu,
            QemuVm.Stopwatch watch,
            Function<Map<String, Duration>, Origin> origin)
            throws VmmException {
        VmSpec spec = machine.spec();
        try {
            Optional<GuestNetwork> network = spec.network()
                    ? Optional.of(
                            new GuestNetwork(settings.network(), spec.runDirectory(), qemu.exit(), spec.notices()))
                    : Optional.empty();
            watch.finished("network");
            return new QemuVm(qemu, network, origin.apply(watch.stages()), machine, () -> {});
        } catch (VmmException e) {
            qemu.kill();
            throw e;
        }
    }

    private QemuVm.Disk disk(VmSpec spec, Accelerator accelerator, QmpClient monitor) {
        return new QemuVm.Disk(monitor, spec, QemuCommandLine.DISK_NODE, madeBy(accelerator));
    }

    private String madeBy(Accelerator accelerator) {
        return Template.digest(qemu + "\n" + accelerator.option() + "\n" + accelerator.cpu(Processor.ours()));
    }

    @Override
    public void adopt(Path snapshot, int memoryMb) throws VmmException {
        Accelerator by = accelerators.choose(kvm -> templates.boot(base(new VmShape(memoryMb, 1)), kvm));
        new SavedMachine(snapshot).adopt(memoryMb * MEBIBYTE, madeBy(by));
    }

    /** Goes on from a machine that was saved while it ran. There is no other way to start it: its memory is what was asked for. */
    private Vm resume(VmSpec spec, Path snapshot) throws VmmException {
        SavedMachine saved = new SavedMachine(snapshot);
        Accelerator accelerator = accelerators.choose(kvm -> templates.boot(base(spec.shape()), kvm));
        var start = new QemuCommandLine.Start.Resume(saved.machine(), saved.offset(madeBy(accelerator)));
        QemuVm.Stopwatch watch = new QemuVm.Stopwatch();
        QemuProcess process = launch(spec, accelerator, start, watch, () -> saved.beginDisk(spec));
        QmpClient monitor = process.restoreMachine(saved.machine());
        watch.finished("restore");
        return running(
                disk(spec, accelerator, monitor),
                process,
                watch,
                stages -> new Origin(Origin.Mode.SNAPSHOT, true, Optional.empty(), stages, () -> {}, _ -> {}));
    }

    @FunctionalInterface
    private interface DiskStep {
        void run() throws VmmException;
    }

    /** The stages that every start has: the disk, then QEMU. On failure no process is left. */
    private QemuProcess launch(
            VmSpec spec, Accelerator accelerator, QemuCommandLine.Start start, QemuVm.Stopwatch watch, DiskStep disk)
            throws VmmException {
        disk.run();
        watch.finished("disk");
        QemuProcess qemu = QemuProcess.start(commandLine(spec, accelerator, start), jail);
        watch.finished("spawn");
        return qemu;
    }

    private QemuCommandLine commandLine(VmSpec spec, Accelerator accelerator, QemuCommandLine.Start start)
            throws VmmException {
        return new QemuCommandLine(
                image(spec),
                spec.shape(),
                accelerator,
                InstanceDisk.files(spec.disk(), spec.diskSizeMb() * MEBIBYTE),
                spec.diskSizeMb() * MEBIBYTE,
                spec.runDirectory(),
                spec.network() ? Optional.of(settings.network().socket(spec.runDirectory())) : Optional.empty(),
                spec.shares(),
                start);
    }

    private GuestImage image(VmSpec spec) {
        return spec.root().map(settings.image()::withRoot).orElse(settings.image());
    }

    private Template.Kind base(VmShape shape) {
        return new Template.Kind(shape, settings.image());
    }

    /** Makes a template while no start waits for it. */
    private void makeLater(Template.Kind kind, Accelerator accelerator) {
        templates.makeLater(kind, accelerator, () -> spares.want(kind.shape()));
    }

    @Override
    public void close() {
        spares.close();
    }

    /** A disk of the usual size is copied, which is faster than to make one. */
    private void createDiskIfMissing(VmSpec spec, Template template) throws VmmException {
        if (fresh(spec) && Files.exists(template.bareDisk())) {
            InstanceDisk.copy(template.bareDisk(), spec.disk());
        } else {
            createDiskIfMissing(spec);
        }
    }

    private static void createDiskIfMissing(VmSpec spec) throws VmmException {
        if (Files.notExists(spec.disk())) {
            InstanceDisk.create(spec.disk(), spec.diskSizeMb());
        }
    }
}
