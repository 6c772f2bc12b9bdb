package dev.aegisvm.client;

import module java.base;
import org.jspecify.annotations.Nullable;

/** An answer that is one JSON document a line (NDJSON), read as the lines come. */
public final class JsonLines implements Closeable {
    /** Longest line, in bytes; an entry of 64 KiB whose every byte is escaped stays far below. */
    private static final int MAX_LINE = 4 * 1024 * 1024;

    private final InputStream body;
    private final Closeable connection;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int end;

    JsonLines(InputStream body, Closeable connection) {
        this.body = body;
        this.connection = connection;
    }

    /** Waits for the next line and gives it without its newline, or null after the last. */
    public byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        while (fill()) {
            int newline = position;
            while (newline < end && buffer[newline] != '\n') {
                newline++;
            }
            if (line.size() + newline - position > MAX_LINE) {
                throw new DaemonException("the daemon sent a line of more than " + MAX_LINE + " bytes");
            }
            line.write(buffer, position, newline - position);
            boolean whole = newline < end;
            position = whole ? newline + 1 : end;
            if (whole) {
                return line.toByteArray();
            }
        }
        return line.size() == 0 ? null : line.toByteArray();
    }

    private boolean fill() throws IOException {
        if (position < end) {
            return true;
        }
        position = 0;
        end = Math.max(0, body.read(buffer, 0, buffer.length));
        return end > 0;
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
