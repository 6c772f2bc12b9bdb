package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * QEMU without us, as {@code plain-qemu.sh} says: the guest's kernel, a program of a few lines as its init ({@code
 * plain-init.c}), and a console. It takes what a machine of this size takes at least.
 */
record PlainQemu(List<String> command, Path saved) {
    private static final int LIMIT_MINUTES = 2;

    /** Makes one, boots it, and saves it when it waits. */
    static PlainQemu saved(Sandbox sandbox, int memoryMb) throws IOException {
        Path directory = sandbox.scratch("plain-qemu-" + memoryMb);
        Sandbox.compiled("plain-init", directory);
        String meter = sandbox.checkout() + "/guest/harness/build/aegis-tsc-khz";
        String khz = sandbox.emulated() ? Tool.run(meter).strip() : "";
        String kernel = sandbox.guestFile("kernel");
        String words = Tool.run(
                "bash", "-c", Sandbox.resource("plain-qemu.sh"), "-", "" + directory, "" + memoryMb, kernel, khz);
        return new PlainQemu(words.lines().toList(), directory.resolve("saved"));
    }

    /** From QEMU's spawn until its guest has booted, said "hi", and all is gone. */
    void boot() throws IOException {
        finish(start());
    }

    /** The same of the saved guest. */
    void restore() throws IOException {
        finish(restored());
    }

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
        Process process = new ProcessBuilder(
                        Stream.concat(command.stream(), Stream.of(more)).toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        return new Guest(process, process.inputReader());
    }

    /** Its guest says "hi" when it is sent a line, and ends at the next one. */
    record Guest(Process process, BufferedReader lines) implements Closeable {
        void send(String text) throws IOException {
            process.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            process.getOutputStream().flush();
            if (lines.lines().noneMatch("hi"::equals)) {
                throw new IOException("plain QEMU ended before its guest said 'hi'");
            }
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
