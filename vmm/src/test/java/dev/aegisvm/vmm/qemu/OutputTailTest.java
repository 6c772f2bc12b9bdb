package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.qemu.QemuMachine.Doorbell;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTailTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheEndOfAFlood() throws IOException {
        OutputTail tail = new OutputTail(OutputTail.CONSOLE_BYTES);
        try (Doorbell bell = Doorbell.listen(directory.resolve("console.sock"));
                SocketChannel guest =
                        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("console.sock")))) {
            tail.follow(bell.accept(), OutputTail.SOCKET_READERS);
            write(guest, "noise\n".repeat(100_000));
            write(guest, "Kernel panic - not syncing: the reason\n");
        }
        await().untilAsserted(() -> assertThat(tail.awaitEnd())
                .endsWith("not syncing: the reason\n")
                .hasSize(64 * 1024));
    }

    @Test
    void aProgramThatPrintsWithoutEndIsReadAndNeverHeldBack() throws IOException, InterruptedException {
        OutputTail tail = new OutputTail(OutputTail.DIAGNOSTICS_BYTES);
        Process program = new ProcessBuilder("sh", "-c", "yes 'guest error' | head -c 50000000; echo the reason >&2")
                .redirectErrorStream(true)
                .start();
        tail.follow(Channels.newChannel(program.getInputStream()), OutputTail.PIPE_READERS);
        assertThat(program.waitFor()).isZero();
        await().untilAsserted(() ->
                assertThat(tail.awaitEnd()).endsWith("the reason\n").hasSize(4096));
    }

    @Test
    void aHostWithoutAThreadForItIsAFailureThatSaysSo() {
        OutputTail tail = new OutputTail(16);
        ThreadFactory none = work -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        assertThatThrownBy(() -> tail.follow(Channels.newChannel(InputStream.nullInputStream()), none))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("cannot start a thread to read QEMU's output");
        assertThat(tail.awaitEnd()).isEmpty();
    }

    @Test
    void nothingPrintedIsNothingKept() {
        assertThat(new OutputTail(16).awaitEnd()).isEmpty();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
