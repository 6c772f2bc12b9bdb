package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;

/** The body of an answer: so many bytes, or chunks; the daemon sends none that ends with the connection. */
final class HttpBody extends InputStream {
    /** In place of a length: it comes in chunks. */
    static final long CHUNKED = -2;

    /** The status that stands for a failure after the answer has begun: 502, Bad Gateway. */
    private static final int BROKEN_OFF = 502;

    private final Input input;
    private final boolean chunked;
    /** Bytes that are left of the body, or of the current chunk; negative before the first one. */
    private long left;

    private boolean ended;

    HttpBody(Input input, long length) {
        this.input = input;
        this.chunked = length == CHUNKED;
        this.left = chunked ? CHUNKED : Math.max(0, length);
        this.ended = left == 0;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (chunked && left <= 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int taken = input.read(bytes, offset, (int) Math.min(length, left));
        if (taken < 0) {
            throw new EOFException("the daemon closed the connection in the middle of an answer");
        }
        left -= taken;
        ended = !chunked && left == 0;
        return taken;
    }

    /** Closes the connection: what was not read is given up. */
    @Override
    public void close() throws IOException {
        input.close();
    }

    /** A body that cannot be finished says why where the next chunk would begin. */
    private void nextChunk() throws IOException {
        if (left == 0) {
            input.readLine();
        }
        String size = input.readLine();
        Optional<String> error = BrokenOff.error(size);
        if (error.isPresent()) {
            throw refusal(BROKEN_OFF, error.get().getBytes(StandardCharsets.UTF_8));
        }
        int semicolon = size.indexOf(';');
        try {
            String digits = semicolon < 0 ? size : size.substring(0, semicolon);
            left = Integer.toUnsignedLong(Integer.parseUnsignedInt(digits.strip(), 16));
        } catch (NumberFormatException e) {
            throw new DaemonException("the daemon's answer has a chunk of size '" + size + "'", e);
        }
        if (left == 0) {
            while (!input.readLine().isEmpty()) {
                // Trailers say nothing to us.
            }
            ended = true;
        }
    }

    /** The refusal that the body of an answer of this status explains. */
    static ApiException refusal(int status, byte[] body) {
        ApiError unexplained =
                ErrorCode.INTERNAL.error("the daemon answered with status " + status + " and gave no reason");
        try {
            ApiError error = ApiJson.answer(ApiError.class, body);
            return new ApiException(status, error.error() == null ? unexplained : error, null);
        } catch (RuntimeException noApiError) {
            return new ApiException(status, unexplained, null);
        }
    }

    /** The bytes that come over a connection: lines of a head first, then a body, from one buffer. */
    static final class Input extends BufferedInputStream {
        /** Longest line of an HTTP head that is read, in bytes. */
        private static final int MAX_LINE = 16 * 1024;

        Input(SocketChannel channel) {
            super(Channels.newInputStream(channel), 64 * 1024);
        }

        /** Waits until there is a byte to read; false at the end. */
        boolean fill() throws IOException {
            mark(1);
            boolean there = read() >= 0;
            reset();
            return there;
        }

        /** Reads a line that ends with CR LF, and gives it without them. */
        String readLine() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int next = read(); next >= 0; next = read()) {
                if (next == '\n') {
                    int end = line.length();
                    return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
                }
                if (line.length() == MAX_LINE) {
                    throw new DaemonException("the daemon's answer has a line of more than " + MAX_LINE + " bytes");
                }
                line.append((char) next);
            }
            throw new EOFException("the daemon closed the connection in the middle of an answer");
        }
    }
}
