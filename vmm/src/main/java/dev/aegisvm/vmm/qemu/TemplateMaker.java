package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/** Boots a machine once and saves it twice: before and after its root file system is mounted. */
record TemplateMaker(QemuSettings settings, QemuJail jail, GuestPreparer preparer) {
    /** The longest that a guest may take to mount and to warm up. */
    private static final Duration MOUNT_LIMIT = Duration.ofMinutes(2);

    /** From there on, for all of the rest together. */
    private static final Duration SAVE_LIMIT = Duration.ofMinutes(4);

    /** The command line of the machine to be saved, with its files in {@code directory}. */
    QemuCommandLine commandLine(Template.Kind kind, Accelerator accelerator, Path directory) {
        return new QemuCommandLine(
                kind.image(),
                kind.shape(),
                accelerator,
                List.of(directory.resolve("making.disk")),
                InstanceDisk.DEVICE_BYTES,
                directory,
                Optional.empty(),
                List.of(),
                new QemuCommandLine.Start.BootToSave(directory.resolve("making.ram")));
    }

    /**
     * Makes a template in an existing empty directory.
     *
     * @param sockets an empty directory with a short path
     */
    void make(Template.Kind kind, Accelerator accelerator, Path directory, Path sockets) throws VmmException {
        Template template = new Template(directory);
        QemuCommandLine line = commandLine(kind, accelerator, sockets);
        try {
            Path disk = line.disk().getFirst();
            InstanceDisk.create(disk, settings.diskSizeMb());
            SparseFile.copy(disk, template.bareDisk());
            save(template, line);
            template.seal();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot save a template of " + kind.shape() + " with " + accelerator.name() + ": " + e.getMessage(),
                    "VMs boot without it, but more slowly. See the daemon's log.",
                    e);
        }
    }

    private void save(Template template, QemuCommandLine line) throws VmmException, IOException {
        QemuProcess qemu = QemuProcess.start(line, jail);
        try (QmpClient monitor = new QmpClient(qemu.monitor())) {
            FirstBoot.await(qemu, monitor, line.accelerator(), preparer);
            within(SAVE_LIMIT, qemu, () -> {
                Path memory = line.runDirectory().resolve("making.ram");
                Path state = line.runDirectory().resolve("making.state");
                monitor.stop();
                monitor.save(state.toString(), false);
                SparseFile.copy(state, template.bareState());
                SparseFile.copy(memory, template.bareMemory());
                monitor.resume();
                preparer.mountAndPark(qemu.channel(), MOUNT_LIMIT);
                monitor.stop();
                monitor.save(state.toString(), false);
                SparseFile.copy(state, template.mountedState());
                qemu.kill();
                SparseFile.copy(memory, template.mountedMemory());
                SparseFile.copy(line.disk().getFirst(), template.mountedDisk());
            });
        } finally {
            qemu.kill();
        }
    }

    /** Runs a step with a limit; when it fails, the guest kernel's last words are part of the reason. */
    private static void within(Duration limit, QemuProcess qemu, QemuProcess.Step step) throws IOException {
        try {
            qemu.within(limit, step);
        } catch (IOException e) {
            throw new IOException(e.getMessage() + FirstBoot.lastWords(qemu), e);
        }
    }
}
