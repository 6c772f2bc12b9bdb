package dev.aegisvm.image.registry;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Closes a stream over which nothing has come for a minute: a connection can be dead without anyone saying so. */
final class StallGuard extends FilterInputStream {
    private static final long LIMIT_SECONDS = 60;

    private final AtomicLong reads = new AtomicLong();
    private final CountDownLatch closed = new CountDownLatch(1);

    StallGuard(InputStream in) {
        super(in);
        Thread.ofVirtual().name("stall-guard").start(this::watch);
    }

    private void watch() {
        try {
            long before;
            do {
                before = reads.get();
                if (closed.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    return;
                }
            } while (reads.get() != before);
            in.close();
        } catch (InterruptedException | IOException over) {
            // The reader sees the same.
        }
    }

    @Override
    public int read(byte[] buffer, int offset, int count) throws IOException {
        int read = super.read(buffer, offset, count);
        reads.incrementAndGet();
        return read;
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        super.close();
    }
}
