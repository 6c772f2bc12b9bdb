package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * QEMU without us: the guest's kernel, a program of a few lines as its init ({@code plain-init.c}), and a console.
 * It takes what a machine of this size takes at least.
 */
record PlainQemu(List<String> command, Path saved) {
    private static final String MACHINE = """
            qemu-system-x86_64 -nodefaults -no-user-config -no-reboot -display none -serial none -bios /usr/share/qemu/qboot.rom
            -chardev stdio,id=console -device virtio-serial-device -device virtconsole,chardev=console""";

    private static final String EMULATED = """
            -accel tcg,thread=multi,tb-size=64 -cpu max,erms=off,fsrm=off -M microvm,acpi=on,rtc=off,pic=off,pit=off""";

    private static final String WITH_KVM = "-accel kvm -cpu host -M microvm,acpi=on,rtc=off";
    private static final String ARGUMENTS =
            "rdinit=/plain-init console=hvc0 quiet loglevel=2 panic=-1 reboot=t mitigations=off tsc=reliable";
    private static final int LIMIT_MINUTES = 2;

    /** Makes one, boots it, and saves it when it waits. */
    static PlainQemu saved(Sandbox sandbox, int memoryMb) throws IOException {
        Path directory = sandbox.scratch("plain-qemu-" + memoryMb);
        Sandbox.compiled("plain-init", directory);
        Tool.run("sh", "-c", "cd \"$0\" && echo plain-init | cpio --quiet -o -H newc >initrd", directory.toString());
        boolean emulated = sandbox.emulated();
        List<String> command =
                new ArrayList<>(List.of((MACHINE + " " + (emulated ? EMULATED : WITH_KVM)).split("\\s", -1)));
        command.addAll(List.of("-m", memoryMb + "M", "-initrd", directory + "/initrd"));
        command.addAll(List.of("-kernel", sandbox.guestFile("kernel"), "-append"));
        String meter = sandbox.checkout() + "/guest/harness/build/aegis-tsc-khz";
        String khz = emulated ? " tsc_early_khz=" + Tool.run(meter).strip() : "";
        command.add(ARGUMENTS + khz);
        PlainQemu plain = new PlainQemu(command, directory.resolve("saved"));
        if (Files.notExists(plain.saved)) {
            plain.save(directory.resolve("monitor"));
        }
        return plain;
    }

    private void save(Path monitor) throws IOException {
        String orders = "migrate file:" + saved + "\nquit\n";
        try (Guest guest = start("-monitor", "unix:" + monitor + ",server=on,wait=off")) {
            guest.await("up");
            try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(monitor))) {
                channel.write(ByteBuffer.wrap(orders.getBytes(StandardCharsets.US_ASCII)));
                guest.process.onExit().join();
            }
        }
    }

    /** From QEMU's spawn until its guest has booted, said "hi", and all is gone. */
    void boot() throws IOException {
        finish(start());
    }

    /** The same of the saved guest. */
    void restore() throws IOException {
        finish(restored());
    }

    /** One that is to say "hi". */
    Guest restored() throws IOException {
        return start("-incoming", "file:" + saved);
    }

    private static void finish(Guest guest) throws IOException {
        try (guest) {
            guest.send("\n\n");
            guest.process.onExit().join();
        }
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

    /** Its guest says "hi" when it is sent a line, and ends at the next one. */
    record Guest(Process process, BufferedReader lines) implements Closeable {
        private void await(String word) throws IOException {
            if (lines.lines().noneMatch(word::equals)) {
                throw new IOException("plain QEMU ended before its guest said '" + word + "'");
            }
        }

        /** Returns when it has said "hi". */
        void send(String text) throws IOException {
            process.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            await("hi");
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
