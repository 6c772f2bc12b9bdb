package dev.aegisvm.vmm.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTailTest {
    @TempDir
    Path directory;

    @Test
    void keepsTheEndOfAFlood() throws IOException {
        ConsoleTail tail = new ConsoleTail();
        try (Doorbell bell = Doorbell.listen(directory.resolve("console.sock"));
                SocketChannel guest =
                        SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("console.sock")))) {
            tail.follow(bell.accept());
            write(guest, "noise\n".repeat(100_000));
            write(guest, "Kernel panic - not syncing: the reason\n");
        }
        assertThat(tail.awaitEnd()).endsWith("not syncing: the reason\n").hasSize(64 * 1024);
    }

    @Test
    void anEmptyConsoleIsEmpty() {
        assertThat(new ConsoleTail().awaitEnd()).isEmpty();
    }

    private static void write(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
