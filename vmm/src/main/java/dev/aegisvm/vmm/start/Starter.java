package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.DiskChain;
import dev.aegisvm.vmm.start.Accelerator.Verdicts;
import dev.aegisvm.vmm.start.Machines.*;
import dev.aegisvm.vmm.start.Machines.Machine;
import dev.aegisvm.vmm.start.Spares.Spare;

/**
 * How VMs come to be, whatever the hypervisor: from a spare machine, or else by loading a template. The first start of
 * all makes one. Later, where none works, the kernel boots, the reason is said, and a template is made for the next.
 */
public final class Starter implements Vmm {
    /** Long enough for a started instance to have done its first things. */
    private static final Duration QUIET_BEFORE_SPARE = Duration.ofSeconds(1);

    private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(1);

    private final StartSettings settings;
    private final Machines machines;
    private final GuestPreparer preparer;
    private final Templates templates;
    private final Accelerators accelerators;
    private final Spares spares;

    public Starter(StartSettings settings, Machines machines, GuestPreparer preparer) {
        this.settings = settings;
        this.machines = machines;
        this.preparer = preparer;
        this.templates = new Templates(settings, machines, preparer);
        this.accelerators = new Accelerators(settings, machines, new Kvm(Path.of("/")));
        this.spares = new Spares(this::spare, settings.spares(), QUIET_BEFORE_SPARE, settings.log());
    }

    /**
     * Looks at what every hypervisor needs, before there is a VM.
     *
     * @param root where the host's file system is seen, {@code /} but for tests
     */
    public static List<Finding> check(Path root, Path cache, Path verdicts) {
        return List.of(new Kvm(root).check(Verdicts.in(verdicts, root)), Templates.check(cache));
    }

    @Override
    public Capabilities capabilities() {
        return machines.capabilities();
    }

    @Override
    public List<String> toTell() {
        return Stream.of(accelerators.toTell(), machines.toTell())
                .flatMap(Optional::stream)
                .toList();
    }

    @Override
    public List<Saved> saved() {
        return templates.saved();
    }

    @Override
    public void prepare(VmShape shape) throws VmmException {
        templates.make(settings.base(shape, accelerator(shape)));
    }

    @Override
    public void tryAgain(VmShape shape) throws VmmException {
        accelerators.forget();
        accelerator(shape);
    }

    /** Where it is not known yet, a boot that makes a template is the trial. */
    private Accelerator accelerator(VmShape shape) throws VmmException {
        return accelerators.choose(kvm -> templates.boot(settings.base(shape, kvm)));
    }

    @Override
    public Vm launch(VmSpec spec) throws VmmException {
        if (spec.snapshot().isPresent()) {
            return fromSnapshot(spec, spec.snapshot().get());
        }
        new DiskChain(spec.disk()).requireWhole();
        // A spare has the base image and a fresh disk; it can be given neither a directory to share nor a network.
        boolean fits = spec.root().isEmpty() && fresh(spec) && spec.shares().isEmpty() && !spec.network();
        Optional<Spare> spare = spares.take(fits ? Optional.of(spec.shape()) : Optional.empty());
        try {
            Optional<Vm> woken = spare.isPresent() ? wake(spec, spare.get()) : Optional.empty();
            return woken.isPresent() ? woken.get() : fromTemplate(spec);
        } finally {
            spares.started(spec.shape());
        }
    }

    /** Whether it begins with the disk of a template. */
    private boolean fresh(VmSpec spec) {
        return Files.notExists(spec.disk()) && spec.diskSizeMb() == settings.diskSizeMb();
    }

    /** A spare that does not come to life leaves the start to the template. */
    private Optional<Vm> wake(VmSpec spec, Spare spare) throws VmmException {
        try {
            spare.wake(spec.disk());
            spec.ended().accept("wake");
            Origin origin = loaded(Origin.Mode.SPARE, reason -> settings.log().accept("spare: discarded: " + reason));
            Vm vm = machines.become(spare.machine(), spec, origin);
            var _ = vm.exit().thenRun(spare::removeFiles);
            return Optional.of(vm);
        } catch (IOException e) {
            settings.log().accept("spare: not usable for vm " + spec.id() + ": " + e.getMessage());
            spare.discard();
            new DiskChain(spec.disk()).delete();
            return Optional.empty();
        }
    }

    private static Origin loaded(Origin.Mode mode, Consumer<String> onDistrust) {
        return new Origin(mode, Optional.empty(), () -> {}, onDistrust);
    }

    private Vm fromTemplate(VmSpec spec) throws VmmException {
        List<Vm> tried = new ArrayList<>(1);
        Accelerator accelerator = accelerators.choose(kvm -> tryBoot(spec, kvm).ifPresent(tried::add));
        if (!tried.isEmpty()) {
            return tried.getFirst();
        }
        Launch launch = launch(spec, accelerator);
        Template.Kind own = new Template.Kind(spec.shape(), launch.image(), accelerator);
        // The machine of the base image that has not read its root yet serves any other too.
        Template.Kind base = settings.base(spec.shape(), accelerator);
        String obstacle = "";
        List<Template.Kind> missing = new ArrayList<>();
        for (Template.Kind kind : own.equals(base) ? List.of(own) : List.of(own, base)) {
            switch (templates.find(kind)) {
                case Templates.Found.Ready(Template template) -> {
                    makeLater(missing);
                    return fromTemplate(launch, kind, template);
                }
                case Templates.Found.None(String reason) -> {
                    missing.add(kind);
                    obstacle = reason;
                }
            }
        }
        // The first start of all waits for a template: the next command, a moment later, would boot beside its making.
        if (templates.makeFirst(base) && templates.find(base) instanceof Templates.Found.Ready(Template first)) {
            makeLater(List.of(own));
            return fromTemplate(launch, base, first);
        }
        return boot(launch, obstacle, missing);
    }

    private Vm fromTemplate(Launch launch, Template.Kind kind, Template template) throws VmmException {
        VmSpec spec = launch.spec();
        boolean hadDisk = Files.exists(spec.disk());
        // A machine whose root is mounted knows its own fresh disk and no other.
        Origin.Mode mode =
                kind.image().equals(launch.image()) && fresh(spec) ? Origin.Mode.TEMPLATE : Origin.Mode.TEMPLATE_BARE;
        try {
            Machine machine = load(launch, template, mode == Origin.Mode.TEMPLATE);
            templates.use(template, machine.exit());
            Origin origin = loaded(mode, reason -> templates.discard(template.directory(), reason));
            return machines.become(machine, spec, origin);
        } catch (NotLoaded e) {
            if (hadDisk && e.isForItsDisk()) {
                // The template is not at fault, and a cold boot would fail as well.
                throw new VmmException(
                        "cannot use the disk " + spec.disk() + ": " + e.getMessage(),
                        "Restore that file from a backup, or delete the instance; other instances are not affected.",
                        e);
            }
            templates.discard(template.directory(), e.getMessage());
            if (!hadDisk) {
                new DiskChain(spec.disk()).delete();
            }
            return boot(launch, "its template could not be loaded: " + e.getMessage(), List.of(kind));
        }
    }

    private Machine load(Launch launch, Template template, boolean mounted) throws VmmException {
        try {
            if (fresh(launch.spec())) {
                new DiskChain(launch.spec().disk()).createFrom(template.disk(mounted));
            }
            makeDisk(launch.spec());
            return machines.load(launch, template.saved(mounted));
        } catch (VmmException obstacle) {
            if (Files.notExists(template.directory())) {
                throw new NotLoaded("the template was deleted in the meantime", false, obstacle);
            }
            throw obstacle;
        }
    }

    /** @param missing the templates that are made after the start */
    private Vm boot(Launch launch, String reason, List<Template.Kind> missing) throws VmmException {
        settings.log().accept("vm " + launch.spec().id() + ": booting its kernel, because " + reason);
        makeDisk(launch.spec());
        return cold(machines.boot(launch, false), launch.spec(), reason, missing);
    }

    private Vm cold(Machine machine, VmSpec spec, String reason, List<Template.Kind> missing) {
        Runnable started = () -> makeLater(missing);
        Origin origin = new Origin(Origin.Mode.COLD, Optional.of(reason), started, _ -> {});
        return machines.become(machine, spec, origin);
    }

    /**
     * The first start of a host's first VM, which shows whether KVM can run it. Where the hypervisor does not even
     * start, that may be for the VM's own files: a machine of its own tells.
     */
    private Optional<Vm> tryBoot(VmSpec spec, Accelerator kvm) throws VmmException {
        boolean fresh = Files.notExists(spec.disk());
        Launch launch = launch(spec, kvm);
        Template.Kind base = settings.base(spec.shape(), kvm);
        try {
            makeDisk(spec);
            Machine machine = machines.boot(launch, false);
            FirstBoot.await(machine, kvm, preparer);
            spec.ended().accept("boot");
            return Optional.of(cold(machine, spec, "it is the first VM with KVM", List.of(base)));
        } catch (VmmException e) {
            if (fresh) {
                new DiskChain(spec.disk()).delete();
            }
            if (!(e instanceof NotStarted)) {
                throw e;
            }
            templates.boot(base);
            return Optional.empty();
        }
    }

    /** There is no other way to start it: its memory is what was asked for. */
    private Vm fromSnapshot(VmSpec spec, Path snapshot) throws VmmException {
        Launch launch = launch(spec, accelerator(spec.shape()));
        spec.ended().accept("disk");
        Machine machine = machines.load(launch, snapshot);
        return machines.become(machine, spec, loaded(Origin.Mode.SNAPSHOT, _ -> {}));
    }

    @Override
    public void adopt(Path snapshot, int memoryMb) throws VmmException {
        machines.adopt(snapshot, memoryMb, accelerator(new VmShape(memoryMb, 1)));
    }

    private Launch launch(VmSpec spec, Accelerator accelerator) {
        GuestImage image = spec.root().map(settings.image()::withRoot).orElse(settings.image());
        return new Launch(spec, image, accelerator);
    }

    private static void makeDisk(VmSpec spec) throws VmmException {
        if (Files.notExists(spec.disk())) {
            new DiskChain(spec.disk()).create(spec.diskSizeMb());
        }
        spec.ended().accept("disk");
    }

    /** Loads the mounted template of the base image with a copy of its disk, and has the guest run a few processes. */
    private Optional<Spare> spare(VmShape shape, Consumer<Machine> begun) throws IOException, VmmException {
        Template.Kind kind = settings.base(shape, accelerator(shape));
        if (!kind.accelerator().emulated()) {
            return Optional.empty();
        }
        if (!settings.spareFits().test(shape)) {
            settings.log().accept("spare: not making one of " + shape + ", because the host is short of memory");
            return Optional.empty();
        }
        return templates.find(kind) instanceof Templates.Found.Ready(Template template)
                ? Optional.of(spare(kind, template, begun))
                : Optional.empty();
    }

    private Spare spare(Template.Kind kind, Template template, Consumer<Machine> begun)
            throws IOException, VmmException {
        Path run = Files.createTempDirectory(settings.runDirectory(), "s-");
        Path disk = settings.scratch().resolve(run.getFileName() + ".disk");
        // As large as that of the instance to come: the guest has it mounted, and would be told of a change.
        VmSpec spec = VmSpec.ofNone("spare", kind.shape(), disk, settings.diskSizeMb(), run);
        try {
            Machine machine = load(launch(spec, kind.accelerator()), template, true);
            begun.accept(machine);
            templates.use(template, machine.exit());
            warmUp(machine);
            return new Spare(kind.shape(), machine, run, disk);
        } catch (IOException | VmmException e) {
            PrivateDirectory.remove(run);
            Files.deleteIfExists(disk);
            throw e;
        }
    }

    private void warmUp(Machine machine) throws IOException {
        try {
            machine.within(WARM_UP_LIMIT, () -> preparer.warmUpAndPark(machine.channel()));
            if (!machine.process().kill(Posix.SIGSTOP)) {
                throw new IOException("its process has ended");
            }
        } catch (IOException e) {
            machine.discard();
            throw e;
        }
    }

    /** Makes templates while no start waits for them. */
    private void makeLater(List<Template.Kind> kinds) {
        kinds.forEach(kind -> templates.makeLater(kind, () -> spares.want(kind.shape())));
    }

    @Override
    public void close() {
        spares.close();
    }
}
