package dev.aegisvm.cli.terminal;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Tells a person at a terminal how far a copy is, in one line of stderr that goes away when it is over. */
public final class Progress implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final double MEGA = 1e6;
    /** To the start of the line, and erase it. */
    private static final String ERASE = "\r\u001b[K";

    private final CountDownLatch over = new CountDownLatch(1);
    private final AtomicLong bytes = new AtomicLong();
    private final Console console;
    private final Duration interval;
    private final long since = System.nanoTime();
    private boolean closed;
    private boolean shown;

    public Progress(Console console, Duration interval) {
        this.console = console;
        this.interval = interval;
    }

    /** Tells a person who reads stderr; nobody else. */
    public static Progress on(Console console) {
        Progress progress = new Progress(console, INTERVAL);
        if (Console.errIsTerminal()) {
            progress.start();
        }
        return progress;
    }

    public void start() {
        Thread thread = new Thread(this::tellUntilOver, "progress");
        thread.setDaemon(true);
        thread.start();
    }

    private void tellUntilOver() {
        try {
            while (!over.await(interval.toNanos(), TimeUnit.NANOSECONDS)) {
                tell();
            }
        } catch (InterruptedException nobodyWaits) {
            return;
        }
    }

    private synchronized void tell() {
        if (!closed) {
            shown = true;
            double seconds = (System.nanoTime() - since) / 1e9;
            double megabytes = bytes.get() / MEGA;
            console.mutter(
                    ERASE + String.format(Locale.ROOT, "aegis: %.1f MB, %.1f MB/s", megabytes, megabytes / seconds));
        }
    }

    /** The same stream, counted. */
    public InputStream counting(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = in.read(target, offset, length);
                bytes.addAndGet(Math.max(0, count));
                return count;
            }
        };
    }

    /** The same stream, counted. */
    public OutputStream counting(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                out.write(source, offset, length);
                bytes.addAndGet(length);
            }
        };
    }

    /** It is over: the line goes away. */
    @Override
    public synchronized void close() {
        closed = true;
        over.countDown();
        if (shown) {
            shown = false;
            console.mutter(ERASE);
        }
    }
}
