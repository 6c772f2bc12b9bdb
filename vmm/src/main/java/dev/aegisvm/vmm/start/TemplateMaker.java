package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/** Boots a machine once and saves it twice: before and after its root file system is mounted. */
record TemplateMaker(StartSettings settings, Machines machines, GuestPreparer preparer) {
    /** The longest that a guest may take to mount and to warm up. */
    private static final Duration MOUNT_LIMIT = Duration.ofMinutes(2);

    /** From there on, for all of the rest together. */
    private static final Duration SAVE_LIMIT = Duration.ofMinutes(4);

    /** The start of the machine to be saved, with its files in a directory. */
    static Launch launch(Template.Kind kind, Accelerator accelerator, Path directory) {
        Path disk = directory.resolve("making.disk");
        VmSpec spec = VmSpec.ofNone("template", kind.shape(), disk, InstanceDisk.MAX_SIZE_MB, directory);
        return new Launch(spec, kind.image(), accelerator, new Launch.Stopwatch());
    }

    /**
     * Makes a template in an existing empty directory.
     *
     * @param run an empty directory with a short path, for the machine's sockets and files
     */
    void make(Template.Kind kind, Accelerator accelerator, Path directory, Path run) throws VmmException {
        Launch launch = launch(kind, accelerator, run);
        Template template = new Template(directory);
        try {
            for (boolean mounted : List.of(false, true)) {
                Files.createDirectory(template.saved(mounted));
            }
            InstanceDisk.create(launch.spec().disk(), settings.diskSizeMb());
            SparseFile.copy(launch.spec().disk(), template.disk(false));
            save(template, launch);
            template.seal();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot save a template of " + kind.shape() + " with " + accelerator.name() + ": " + e.getMessage(),
                    "VMs boot without it, but more slowly. See the daemon's log.",
                    e);
        }
    }

    private void save(Template template, Launch launch) throws VmmException, IOException {
        Machine machine = machines.boot(launch, true);
        try {
            FirstBoot.await(machine, launch.accelerator(), preparer);
            machine.within(SAVE_LIMIT, () -> {
                machine.save(template.saved(false));
                machine.resume();
                preparer.mountAndPark(machine.channel(), machine.devices(), MOUNT_LIMIT);
                machine.save(template.saved(true));
                SparseFile.copy(launch.spec().disk(), template.disk(true));
            });
        } catch (IOException e) {
            throw new IOException(e.getMessage() + FirstBoot.lastWords(machine), e);
        } finally {
            machine.discard();
        }
    }
}
