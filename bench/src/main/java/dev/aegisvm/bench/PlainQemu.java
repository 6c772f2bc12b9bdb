package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * QEMU without us: the guest's kernel, a program of a few lines as its init ({@code plain-init.c}), and a console.
 * It takes what a machine of this size takes at least.
 */
record PlainQemu(List<String> command, Path saved) {
    private static final String ARGUMENTS =
            "console=hvc0 quiet loglevel=2 panic=-1 reboot=t mitigations=off tsc=reliable";
    private static final int LIMIT_MINUTES = 2;

    /** Makes one, boots it, and saves it when it waits. */
    static PlainQemu saved(Sandbox sandbox, int memoryMb) throws IOException {
        Path directory = sandbox.scratch("plain-qemu-" + memoryMb);
        LoadTarget.build(directory, "plain-init");
        Tool.run(
                "sh",
                "-c",
                "cd \"$0\" && mv plain-init init && echo init | cpio --quiet -o -H newc >initrd",
                "" + directory);
        List<String> command =
                new ArrayList<>(List.of("qemu-system-x86_64", "-nodefaults", "-no-user-config", "-no-reboot"));
        command.addAll(
                List.of("-display", "none", "-serial", "none", "-chardev", "stdio,id=console", "-m", memoryMb + "M"));
        command.addAll(List.of("-device", "virtio-serial-device", "-device", "virtconsole,chardev=console"));
        command.addAll(List.of(
                "-bios",
                "/usr/share/qemu/qboot.rom",
                "-initrd",
                directory.resolve("initrd").toString()));
        command.addAll(List.of("-kernel", MachineFacts.guestKernel(sandbox)));
        if (sandbox.emulated()) {
            command.addAll(List.of("-accel", "tcg,thread=multi,tb-size=64", "-cpu", "max,erms=off,fsrm=off"));
            command.addAll(List.of("-M", "microvm,acpi=on,rtc=off,pic=off,pit=off"));
            command.addAll(List.of("-append", ARGUMENTS + " tsc_early_khz=" + MachineFacts.tscKhz(sandbox)));
        } else {
            command.addAll(
                    List.of("-accel", "kvm", "-cpu", "host", "-M", "microvm,acpi=on,rtc=off", "-append", ARGUMENTS));
        }
        PlainQemu plain = new PlainQemu(command, directory.resolve("saved"));
        if (Files.notExists(plain.saved)) {
            plain.save(directory.resolve("monitor"));
        }
        return plain;
    }

    private void save(Path monitor) throws IOException {
        try (Guest guest = start("-monitor", "unix:" + monitor + ",server=on,wait=off")) {
            guest.await("up");
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(monitor))) {
                channel.write(
                        ByteBuffer.wrap(("migrate file:" + saved + "\nquit\n").getBytes(StandardCharsets.US_ASCII)));
                guest.process.onExit().join();
            }
        }
    }

    /** Milliseconds from QEMU's spawn until its guest has booted, said "hi", and all is gone. */
    double bootMillis() throws IOException {
        return millis(true);
    }

    /** The same of the saved guest. */
    double restoreMillis() throws IOException {
        return millis(false);
    }

    private double millis(boolean boot) throws IOException {
        long begin = System.nanoTime();
        try (Guest guest = boot ? start() : restore()) {
            if (boot) {
                guest.await("up");
            }
            guest.sayHi();
            guest.process.onExit().join();
            return Turns.since(begin);
        }
    }

    /** One that waits for the end of it. */
    Guest restore() throws IOException {
        return start("-incoming", "file:" + saved);
    }

    private Guest start(String... more) throws IOException {
        List<String> words = new ArrayList<>(command);
        words.addAll(List.of(more));
        Process process = new ProcessBuilder(words)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        return new Guest(process, process.inputReader());
    }

    record Guest(Process process, BufferedReader lines) implements Closeable {
        void await(String word) throws IOException {
            for (String line = lines.readLine(); ; line = lines.readLine()) {
                if (line == null) {
                    throw new IOException("plain QEMU ended before its guest said '" + word + "'");
                }
                if (line.equals(word)) {
                    return;
                }
            }
        }

        void sayHi() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            await("hi");
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
