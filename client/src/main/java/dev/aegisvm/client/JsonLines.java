package dev.aegisvm.client;

import module java.base;
import org.jspecify.annotations.Nullable;

/** An answer that is one JSON document a line (NDJSON), read as the lines come. */
public final class JsonLines implements Closeable {
    /** Longest line, in bytes; an entry of 64 KiB whose every byte is escaped stays far below. */
    private static final int MAX_LINE = 4 * 1024 * 1024;

    private final InputStream body;
    private final Closeable connection;

    JsonLines(InputStream body, Closeable connection) {
        this.body = new BufferedInputStream(body, 64 * 1024);
        this.connection = connection;
    }

    /** Waits for the next line and gives it without its newline, or null after the last. */
    public byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        for (int next = body.read(); next >= 0; next = body.read()) {
            if (next == '\n') {
                return line.toByteArray();
            }
            if (line.size() == MAX_LINE) {
                throw new DaemonException("the daemon sent a line of more than " + MAX_LINE + " bytes");
            }
            line.write(next);
        }
        return line.size() == 0 ? null : line.toByteArray();
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
