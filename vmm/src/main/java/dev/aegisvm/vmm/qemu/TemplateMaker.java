package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.host.SparseFile;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.disk.InstanceDisk;

/** Boots a machine once and saves it twice: before and after its root file system is mounted. */
record TemplateMaker(QemuSettings settings, QemuJail jail, GuestPreparer preparer) {
    /** The longest that a guest kernel may take to the first answer of the harness. */
    private static final Duration EMULATED_LIMIT = Duration.ofMinutes(2);

    /** The same with KVM, where a guest that stands still is ended before. The host may be emulated itself. */
    private static final Duration KVM_LIMIT = Duration.ofMinutes(1);

    /** From there on, for all of the rest together. */
    private static final Duration SAVE_LIMIT = Duration.ofMinutes(4);

    /** The guest kernel did not come up. */
    static final class NotBooted extends IOException {
        NotBooted(String message, Throwable cause) {
            super(message, cause);
        }
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
            SparseFile.copy(line.disk(), template.bareDisk());
            save(template, line);
            template.seal();
        } catch (IOException e) {
            throw new VmmException(
                    "cannot save a template of " + kind.shape() + " with " + accelerator.name() + ": " + e.getMessage(),
                    "VMs boot without it, only slower. See the daemon's log.",
                    e);
        }
    }

    private void save(Template template, QemuCommandLine line) throws VmmException, IOException {
        QemuProcess qemu = start(line);
        try (QmpClient monitor = new QmpClient(qemu.monitor())) {
            boot(qemu, monitor, line.accelerator());
            within(SAVE_LIMIT, qemu, () -> {
                Path memory = line.runDirectory().resolve("making.ram");
                Path state = line.runDirectory().resolve("making.state");
                monitor.stop();
                monitor.saveState(state.toString());
                SparseFile.copy(state, template.bareState());
                SparseFile.copy(memory, template.bareMemory());
                monitor.resume();
                preparer.mountAndPark(qemu.channel(), settings.network().addresses(), EMULATED_LIMIT);
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

    /** Where QEMU does not even start with KVM, no guest boots with it. */
    private QemuProcess start(QemuCommandLine line) throws VmmException, NotBooted {
        try {
            return QemuProcess.start(line, jail);
        } catch (VmmException e) {
            if (line.accelerator().emulated()) {
                throw e;
            }
            throw new NotBooted(e.getMessage(), e);
        }
    }

    /** Waits for the harness's first answer; with KVM as long as the guest gets on. */
    private void boot(QemuProcess qemu, QmpClient monitor, Accelerator accelerator) throws NotBooted {
        Duration limit = accelerator.emulated() ? EMULATED_LIMIT : KVM_LIMIT;
        Optional<BootWatch> watch =
                accelerator.emulated() ? Optional.empty() : Optional.of(BootWatch.of(qemu, monitor));
        try {
            qemu.within(limit, () -> preparer.park(qemu.channel(), limit));
        } catch (IOException e) {
            String stillness = watch.map(BootWatch::verdict).orElse("");
            throw new NotBooted((stillness.isEmpty() ? e.getMessage() : stillness) + kernelWords(qemu), e);
        } finally {
            watch.ifPresent(BootWatch::close);
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
