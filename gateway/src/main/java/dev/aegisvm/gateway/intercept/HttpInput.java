package dev.aegisvm.gateway.intercept;

import module java.base;
import dev.aegisvm.gateway.dial.HttpBody;

/** Reads HTTP from a stream: lines that end in CRLF and nothing else, and runs of bytes. For one thread. */
final class HttpInput {
    private static final int BUFFER = 16_384;

    private final InputStream in;
    private final Flushable before;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;

    /** @param before is flushed before each wait for more, so that nothing is kept from the other side meanwhile */
    HttpInput(InputStream in, Flushable before) {
        this.in = in;
        this.before = before;
    }

    /** Whether there is more; waits until that is known. */
    boolean more() throws IOException {
        if (at == end) {
            before.flush();
            at = 0;
            end = Math.max(0, in.read(buffer));
        }
        return at < end;
    }

    private void needMore() throws IOException {
        if (!more()) {
            throw new EOFException("it is incomplete");
        }
    }

    /**
     * The next line, without its end. Each character is a byte.
     *
     * @param most characters that it may have
     * @throws Malformed when it is longer, or has an LF without a CR
     */
    String line(int most) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            needMore();
            char next = (char) (buffer[at++] & 0xff);
            int last = line.length() - 1;
            if (next == '\n' && last >= 0 && line.charAt(last) == '\r') {
                line.setLength(last);
                return line.toString();
            }
            if (next == '\n' || line.length() > most) {
                throw new Malformed(next == '\n' ? "has a line that ends in LF without CR" : "is too long");
            }
            line.append(next);
        }
    }

    /** Takes bytes. */
    interface Sink {
        void take(byte[] bytes, int offset, int count) throws IOException;
    }

    /** A body, as it comes. */
    void copy(HttpBody body, Sink sink) throws IOException {
        while (body.goesOn()) {
            needMore();
            ByteBuffer rest = ByteBuffer.wrap(buffer, at, end - at);
            if (!body.take(rest)) {
                throw new Malformed("has a chunk with a wrong size, or with more than a size in its first line");
            }
            int from = at;
            at = rest.position();
            sink.take(buffer, from, at - from);
        }
    }

    /** All that comes. */
    void copyRest(Sink sink) throws IOException {
        while (more()) {
            int from = at;
            at = end;
            sink.take(buffer, from, end - from);
        }
    }

    /** What is no HTTP, or could be taken for something else. Its message goes on after "the request". */
    static final class Malformed extends IOException {
        Malformed(String why) {
            super(why);
        }
    }
}
