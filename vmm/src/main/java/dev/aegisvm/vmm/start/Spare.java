package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.host.PrivateDirectory;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;
import org.jspecify.annotations.Nullable;

/**
 * A machine that waits, frozen, for a new instance of the base image. It was restored from the mounted template and has run a few
 * processes, so the emulator has translated what a start runs. Disk, clock and identity come later.
 *
 * @param directory of its own, with its sockets and a disk
 */
record Spare(VmShape shape, Machine machine, Path directory) implements Spares.Waiting {
    @Override
    public boolean alive() {
        return !machine.exit().isDone();
    }

    /** Lets the machine go on with a disk of the instance's own. */
    void wake(Path disk) throws IOException, VmmException {
        if (!machine.process().kill(Posix.SIGCONT)) {
            throw new IOException("its process has ended");
        }
        machine.moveTo(disk);
    }

    /** The VM that it has become. */
    Vm become(VmSpec spec, Origin origin) {
        Vm vm = machine.become(spec, Optional.empty(), origin);
        var _ = vm.exit().thenRun(this::removeDirectory);
        return vm;
    }

    @Override
    public void discard() {
        machine.discard();
        removeDirectory();
    }

    private void removeDirectory() {
        try {
            PrivateDirectory.remove(directory);
        } catch (IOException gone) {
            // At its end the daemon removes all such directories.
        }
    }

    /** Makes them. */
    static final class Maker implements Spares.Maker<Spare> {
        private static final Duration WARM_UP_LIMIT = Duration.ofMinutes(1);

        private final StartSettings settings;
        private final Machines machines;
        private final GuestPreparer preparer;
        private final Templates templates;
        private final Accelerators accelerators;
        private @Nullable Machine warming;
        private boolean aborted;

        Maker(
                StartSettings settings,
                Machines machines,
                GuestPreparer preparer,
                Templates templates,
                Accelerators accelerators) {
            this.settings = settings;
            this.machines = machines;
            this.preparer = preparer;
            this.templates = templates;
            this.accelerators = accelerators;
        }

        @Override
        public Optional<Spare> make(VmShape shape) throws VmmException {
            Accelerator accelerator = accelerators.choose(kvm -> templates.boot(settings.base(shape), kvm));
            if (!accelerator.emulated()) {
                return Optional.empty();
            }
            if (!settings.spareFits().test(shape)) {
                settings.log().accept("spare: not making one of " + shape + ", because the host is short of memory");
                return Optional.empty();
            }
            return switch (templates.find(settings.base(shape), accelerator)) {
                case Templates.Found.Ready(Template template) -> Optional.of(make(shape, accelerator, template));
                case Templates.Found.None none -> Optional.empty();
            };
        }

        private Spare make(VmShape shape, Accelerator accelerator, Template template) throws VmmException {
            try {
                Path directory = Files.createTempDirectory(settings.runDirectory(), "s-");
                try {
                    Machine machine = load(launch(shape, accelerator, directory), template);
                    return new Spare(shape, machine, directory);
                } catch (IOException | VmmException e) {
                    PrivateDirectory.remove(directory);
                    throw e;
                }
            } catch (IOException e) {
                throw new VmmException(String.valueOf(e.getMessage()), "VMs start without it, but more slowly.", e);
            }
        }

        /** Loads one, warms it up and freezes it. */
        private Machine load(Launch launch, Template template) throws IOException, VmmException {
            InstanceDisk.copy(template.disk(true), launch.spec().disk());
            Machine machine = machines.load(launch, template.saved(true));
            templates.use(template, machine.exit());
            try {
                began(machine);
                machine.within(WARM_UP_LIMIT, () -> preparer.warmUpAndPark(machine.channel(), WARM_UP_LIMIT));
                if (!machine.process().kill(Posix.SIGSTOP)) {
                    throw new IOException("its process has ended");
                }
                return machine;
            } catch (IOException e) {
                machine.discard();
                throw e;
            } finally {
                ended();
            }
        }

        /** Its disk is as large as that of the instance to come: the guest has it mounted, and would be told of a change. */
        private Launch launch(VmShape shape, Accelerator accelerator, Path directory) {
            VmSpec spec = new VmSpec(
                    "spare",
                    shape,
                    Optional.empty(),
                    directory.resolve("scratch.disk"),
                    settings.diskSizeMb(),
                    directory,
                    false,
                    List.of(),
                    Optional.empty(),
                    _ -> {});
            return new Launch(spec, settings.image(), accelerator, new Launch.Stopwatch());
        }

        private synchronized void began(Machine machine) {
            warming = machine;
            if (aborted) {
                machine.kill();
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
}
