package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/** Makes spare machines: loads a mounted template with a copy of its disk, and has its guest run a few processes. */
record SpareMaker(
        StartSettings settings,
        Machines machines,
        GuestPreparer preparer,
        Templates templates,
        Accelerators accelerators)
        implements Spares.Maker {
    private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(1);

    @Override
    public Optional<Spare> make(VmShape shape, Consumer<Machine> begun) throws VmmException {
        Accelerator accelerator = accelerators.choose(kvm -> templates.boot(settings.base(shape), kvm));
        if (!accelerator.emulated()) {
            return Optional.empty();
        }
        if (!settings.spareFits().test(shape)) {
            settings.log().accept("spare: not making one of " + shape + ", because the host is short of memory");
            return Optional.empty();
        }
        return templates.find(settings.base(shape), accelerator) instanceof Templates.Found.Ready(Template template)
                ? Optional.of(make(shape, accelerator, template, begun))
                : Optional.empty();
    }

    private Spare make(VmShape shape, Accelerator accelerator, Template template, Consumer<Machine> begun)
            throws VmmException {
        try {
            Path run = Files.createTempDirectory(settings.runDirectory(), "s-");
            Path disk = settings.scratch().resolve(run.getFileName() + ".disk");
            // As large as that of the instance to come: the guest has it mounted, and would be told of a change.
            VmSpec spec = VmSpec.ofNone("spare", shape, disk, settings.diskSizeMb(), run);
            Launch launch = new Launch(spec, settings.image(), accelerator, new Launch.Stopwatch());
            try {
                InstanceDisk.copy(template.disk(true), disk);
                Machine machine = machines.load(launch, template.saved(true));
                begun.accept(machine);
                templates.use(template, machine.exit());
                warmUp(machine);
                return new Spare(shape, machine, run, disk);
            } catch (IOException | VmmException e) {
                PrivateDirectory.remove(run);
                Files.deleteIfExists(disk);
                throw e;
            }
        } catch (IOException e) {
            throw new VmmException(String.valueOf(e.getMessage()), "VMs start without it, but more slowly.", e);
        }
    }

    private void warmUp(Machine machine) throws IOException {
        try {
            machine.within(WARM_UP_LIMIT, () -> preparer.warmUpAndPark(machine.channel(), WARM_UP_LIMIT));
            if (!machine.process().kill(Posix.SIGSTOP)) {
                throw new IOException("its process has ended");
            }
        } catch (IOException e) {
            machine.discard();
            throw e;
        }
    }
}
