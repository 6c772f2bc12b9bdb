package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;

/**
 * The answer to a request, its body not read yet.
 *
 * @param keepsOpen the daemon does not close the connection after this answer
 * @param build of the daemon; empty when it does not say
 */
record HttpAnswer(int status, Body body, boolean keepsOpen, String build) {
    /** Largest answer that is held in memory, in bytes. */
    private static final int MAX_BODY = 64 * 1024 * 1024;
    /** The status that stands for a failure after the answer has begun: 502, Bad Gateway. */
    private static final int BROKEN_OFF = 502;

    /** In place of a length: the body comes in chunks. */
    private static final long CHUNKED = -2;

    static HttpAnswer read(Input input) throws IOException {
        int status = status(input.readLine());
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = input.readLine(); !line.isEmpty(); line = input.readLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new DaemonException("the daemon's answer has a header without a colon");
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
        }
        boolean keepsOpen = !"close".equalsIgnoreCase(headers.get("connection"));
        Body body = new Body(input, status < 200 || status == 204 ? 0 : length(headers));
        return new HttpAnswer(status, body, keepsOpen, headers.getOrDefault(Build.HEADER, ""));
    }

    private static int status(String line) throws IOException {
        if (line.startsWith("HTTP/1.") && line.length() >= 12) {
            try {
                return Integer.parseInt(line, 9, 12, 10);
            } catch (NumberFormatException notANumber) {
                throw new DaemonException("the program on the socket is not aegisd: '" + line + "'", notANumber);
            }
        }
        throw new DaemonException("the program on the socket is not aegisd: its answer is not HTTP");
    }

    private static long length(Map<String, String> headers) throws IOException {
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            return CHUNKED;
        }
        String value = headers.getOrDefault("content-length", "");
        try {
            return Long.parseUnsignedLong(value);
        } catch (NumberFormatException notANumber) {
            throw new DaemonException("the daemon's answer has a content-length of '" + value + "'", notANumber);
        }
    }

    /** Reads the whole body, at most 64 MiB. */
    byte[] bytes() throws IOException {
        byte[] whole = body.readNBytes(MAX_BODY + 1);
        if (whole.length > MAX_BODY) {
            throw new DaemonException("the daemon's answer has more than " + MAX_BODY + " bytes");
        }
        return whole;
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

    /** The body: so many bytes, or chunks; the daemon sends none that ends with the connection. */
    static final class Body extends InputStream {
        private final Input input;
        private final boolean chunked;
        /** Bytes that are left of the body, or of the current chunk. */
        private long left;

        private boolean ended;
        private boolean firstChunk = true;

        private Body(Input input, long length) {
            this.input = input;
            this.chunked = length == CHUNKED;
            this.left = Math.max(0, length);
            this.ended = !chunked && left == 0;
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
            if (chunked && left == 0 && !ended) {
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
            if (!firstChunk) {
                input.readLine();
            }
            firstChunk = false;
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
