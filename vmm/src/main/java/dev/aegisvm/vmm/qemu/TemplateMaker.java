package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/** Boots a machine once and saves it twice: before and after its root file system is mounted. */
record TemplateMaker(QemuSettings settings, QemuJail jail, GuestPreparer preparer) {
    private static final Duration EMULATED_LIMIT = Duration.ofMinutes(2);
    private static final Duration KVM_LIMIT = Duration.ofSeconds(10);

    /** The longest that a guest kernel may take to the first answer of the harness. */
    static Duration limit(Accelerator accelerator) {
        return accelerator.emulated() ? EMULATED_LIMIT : KVM_LIMIT;
    }

    /** The command line of the machine to be saved, with its files in {@code directory}. */
    QemuCommandLine commandLine(Template.Kind kind, Accelerator accelerator, Path directory) {
        return new QemuCommandLine(
                kind.image(),
                kind.shape(),
                accelerator,
                directory.resolve("making.disk"),
                InstanceDisk.DEVICE_BYTES,
                directory,
                Optional.empty(),
                List.of(),
                new QemuCommandLine.Start.BootToSave(directory.resolve("making.ram")),
                false);
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
            InstanceDisk.create(line.disk(), settings.diskSizeMb());
            save(template, line);
            template.seal();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot save a template of " + kind.shape() + " with " + accelerator.name() + ": " + e.getMessage(),
                    "VMs boot without it, only slower. See the daemon's log.",
                    e);
        }
    }

    /** Boots to the harness's first answer and ends the machine again: the proof that an accelerator works. */
    void trialBoot(VmShape shape, Accelerator accelerator, Path sockets) throws VmmException {
        QemuCommandLine line = commandLine(new Template.Kind(shape, settings.image()), accelerator, sockets);
        InstanceDisk.create(line.disk(), settings.diskSizeMb());
        QemuProcess qemu = QemuProcess.start(line, jail);
        try {
            within(limit(accelerator), qemu, () -> preparer.park(qemu.channel(), limit(accelerator)));
        } catch (IOException e) {
            throw new VmmException("the guest kernel did not come up: " + e.getMessage(), "", e);
        } finally {
            qemu.kill();
        }
    }

    private void save(Template template, QemuCommandLine line) throws VmmException, IOException {
        // KVM has booted a kernel by now, but the host may be emulated itself.
        Duration limit = EMULATED_LIMIT;
        QemuProcess qemu = QemuProcess.start(line, jail);
        try (QmpClient monitor = new QmpClient(qemu.monitor())) {
            within(limit.multipliedBy(2), qemu, () -> {
                Path memory = line.runDirectory().resolve("making.ram");
                Path state = line.runDirectory().resolve("making.state");
                preparer.park(qemu.channel(), limit);
                monitor.stop();
                monitor.saveState(state.toString());
                SparseFile.copy(state, template.bareState());
                SparseFile.copy(memory, template.bareMemory());
                monitor.resume();
                preparer.mountAndPark(qemu.channel(), settings.network().addresses(), limit);
                monitor.stop();
                monitor.saveState(state.toString());
                SparseFile.copy(state, template.mountedState());
                qemu.kill();
                SparseFile.copy(memory, template.mountedMemory());
                SparseFile.copy(line.disk(), template.mountedDisk());
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
            throw new IOException(e.getMessage() + kernelWords(qemu), e);
        }
    }

    private static String kernelWords(QemuProcess qemu) {
        var ended = qemu.kill();
        String words = (ended.console() + " " + ended.diagnostics()).strip();
        return words.isEmpty() ? "" : "; the last it printed: " + words.substring(Math.max(0, words.length() - 500));
    }
}
