package dev.aegisvm.vmm.qemu;

import module java.base;

/**
 * The last that a process printed, kept since it may say why the process ended. A guest's kernel prints on its
 * console, QEMU on its stderr. However much that is, it costs no more memory than this, and no disk.
 */
final class OutputTail {
    static final int CONSOLE_BYTES = 64 * 1024;

    static final int DIAGNOSTICS_BYTES = 4096;

    static final ThreadFactory SOCKET_READERS =
            Thread.ofVirtual().name("console").factory();
    /** To read a pipe blocks in the kernel, so that takes a thread of the system, of the smallest kind. */
    static final ThreadFactory PIPE_READERS = Thread.ofPlatform()
            .name("qemu-output")
            .daemon()
            .stackSize(128 * 1024)
            .factory();

    private static final long LAST_BYTES_MS = 500;

    private final byte[] ring;
    private final CountDownLatch ended = new CountDownLatch(1);
    private long written;

    OutputTail(int capacity) {
        this.ring = new byte[capacity];
    }

    /**
     * Reads what is printed to its end, in a thread of its own.
     *
     * @throws IOException when the host allows no further thread
     */
    void follow(ReadableByteChannel source, ThreadFactory threads) throws IOException {
        try {
            threads.newThread(() -> readAll(source)).start();
        } catch (OutOfMemoryError noThread) {
            ended.countDown();
            throw new IOException("cannot start a thread to read QEMU's output: " + noThread.getMessage(), noThread);
        }
    }

    private void readAll(ReadableByteChannel source) {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        try (source) {
            while (source.read(buffer.clear()) >= 0) {
                append(buffer.flip());
            }
        } catch (IOException closed) {
            // The end of QEMU is the end of what it prints.
        } finally {
            ended.countDown();
        }
    }

    private synchronized void append(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int at = (int) (written % ring.length);
            int count = Math.min(bytes.remaining(), ring.length - at);
            bytes.get(ring, at, count);
            written += count;
        }
    }

    synchronized long printed() {
        return written;
    }

    /** What is there once all has been read to its end (or, should that hang, half a second later). */
    String awaitEnd() {
        try {
            ended.await(LAST_BYTES_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return text();
    }

    private synchronized String text() {
        int kept = (int) Math.min(written, ring.length);
        byte[] tail = new byte[kept];
        int start = (int) ((written - kept) % ring.length);
        int first = Math.min(kept, ring.length - start);
        System.arraycopy(ring, start, tail, 0, first);
        System.arraycopy(ring, 0, tail, first, kept - first);
        return new String(tail, StandardCharsets.UTF_8);
    }
}
