package dev.aegisvm.cli.copy;

import module java.base;
import dev.aegisvm.cli.terminal.Console;
import dev.aegisvm.cli.terminal.StatusLine;

/** Counts the bytes of a copy, and tells a person at a terminal how many there were and how fast. */
final class CopyProgress implements AutoCloseable {
    private static final Duration INTERVAL = Duration.ofMillis(500);
    private static final double MEGA = 1e6;

    private final AtomicLong bytes = new AtomicLong();
    private final long since = System.nanoTime();
    private final StatusLine line;

    CopyProgress(Console console) {
        line = StatusLine.on(console).repeat(this::text, INTERVAL);
    }

    private String text() {
        double seconds = (System.nanoTime() - since) / 1e9;
        double megabytes = bytes.get() / MEGA;
        return String.format(Locale.ROOT, "%.1f MB, %.1f MB/s", megabytes, megabytes / seconds);
    }

    InputStream counting(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                int count = in.read(target, offset, length);
                bytes.addAndGet(Math.max(0, count));
                return count;
            }
        };
    }

    OutputStream counting(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] source, int offset, int length) throws IOException {
                out.write(source, offset, length);
                bytes.addAndGet(length);
            }
        };
    }

    @Override
    public void close() {
        line.close();
    }
}
