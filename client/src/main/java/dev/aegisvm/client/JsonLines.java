package dev.aegisvm.client;

import module java.base;
import org.jspecify.annotations.Nullable;

/** An answer that is one JSON document a line (NDJSON), read as the lines come. */
public final class JsonLines implements Closeable {
    /** Longest line, in bytes; an entry of 64 KiB whose every byte is escaped stays far below. */
    private static final int MAX_LINE = 4 * 1024 * 1024;

    private final InputStream body;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int end;

    JsonLines(InputStream body) {
        this.body = body;
    }

    /** Waits for the next line and gives it without its newline, or null after the last. */
    public byte @Nullable [] next() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(256);
        while (fill()) {
            int begin = position;
            while (position < end && buffer[position] != '\n') {
                position++;
            }
            if (line.size() + position - begin > MAX_LINE) {
                throw new DaemonException("the daemon sent a line of more than " + MAX_LINE + " bytes");
            }
            line.write(buffer, begin, position - begin);
            if (position < end) {
                position++;
                return line.toByteArray();
            }
        }
        return line.size() == 0 ? null : line.toByteArray();
    }

    private boolean fill() throws IOException {
        if (position == end) {
            position = 0;
            end = Math.max(0, body.read(buffer));
        }
        return position < end;
    }

    @Override
    public void close() throws IOException {
        body.close();
    }
}
