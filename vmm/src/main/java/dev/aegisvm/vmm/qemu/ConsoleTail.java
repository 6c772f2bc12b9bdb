package dev.aegisvm.vmm.qemu;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The last 64 KiB that a guest's kernel printed on its console, kept for the case that it dies: then they hold the
 * reason. However much a guest prints, it costs no more than this.
 */
final class ConsoleTail {
    private static final int CAPACITY = 64 * 1024;
    private static final long LAST_BYTES_MS = 500;

    private final byte[] ring = new byte[CAPACITY];
    private final CountDownLatch ended = new CountDownLatch(1);
    private long written;

    /** Reads the console until QEMU closes it, on a thread of its own. */
    void follow(SocketChannel console) {
        Thread.ofVirtual().name("console").start(() -> {
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            try (console) {
                while (console.read(buffer.clear()) >= 0) {
                    append(buffer.flip());
                }
            } catch (IOException closed) {
                // The end of QEMU is the end of the console.
            } finally {
                ended.countDown();
            }
        });
    }

    private synchronized void append(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int at = (int) (written % CAPACITY);
            int count = Math.min(bytes.remaining(), CAPACITY - at);
            bytes.get(ring, at, count);
            written += count;
        }
    }

    /** What is there once the console has been read to its end (or, should that hang, half a second later). */
    String awaitEnd() {
        try {
            ended.await(LAST_BYTES_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return text();
    }

    private synchronized String text() {
        int kept = (int) Math.min(written, CAPACITY);
        byte[] tail = new byte[kept];
        int start = (int) ((written - kept) % CAPACITY);
        int first = Math.min(kept, CAPACITY - start);
        System.arraycopy(ring, start, tail, 0, first);
        System.arraycopy(ring, 0, tail, first, kept - first);
        return new String(tail, StandardCharsets.UTF_8);
    }
}
