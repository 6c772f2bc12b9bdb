package dev.aegisvm.client;

import module java.base;
import dev.aegisvm.api.*;

/** The body of an answer: so many bytes, or chunks, or all until the connection ends. */
final class BodyStream extends InputStream {
    /** The status that stands for a failure after the answer has begun: 502, Bad Gateway. */
    private static final int BROKEN_OFF = 502;

    /** In place of a length: the body comes in chunks. */
    static final long CHUNKED = -2;
    /** In place of a length: the body ends with the connection. */
    static final long UNTIL_CLOSE = -1;

    private final SocketInput input;
    private final boolean chunked;
    private final boolean untilClose;
    /** Bytes that are left of the body, or of the current chunk. */
    private long left;

    private boolean ended;
    private boolean firstChunk = true;

    /** @param length in bytes, or {@link #CHUNKED} or {@link #UNTIL_CLOSE} */
    BodyStream(SocketInput input, long length) {
        this.input = input;
        this.chunked = length == CHUNKED;
        this.untilClose = length == UNTIL_CLOSE;
        this.left = Math.max(0, length);
        this.ended = length == 0;
    }

    /** The body was read whole, and the connection can carry another request. */
    boolean reusable() {
        return ended && !untilClose;
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
        int taken = input.read(bytes, offset, untilClose ? length : (int) Math.min(length, left));
        if (taken < 0) {
            ended = true;
            if (untilClose) {
                return -1;
            }
            throw new EOFException("the daemon closed the connection in the middle of an answer");
        }
        left -= untilClose ? 0 : taken;
        ended = !chunked && !untilClose && left == 0;
        return taken;
    }

    /** A body that cannot be finished says why where the next chunk would begin. */
    private static void refuseBrokenOff(String line) {
        Optional<String> error = BrokenOff.error(line);
        if (error.isPresent()) {
            ApiError why = refusal(BROKEN_OFF, error.get().getBytes(StandardCharsets.UTF_8));
            throw new ApiException(BROKEN_OFF, why, null);
        }
    }

    /** What the body of a refusal says. */
    static ApiError refusal(int status, byte[] body) {
        ApiError unexplained = new ApiError(
                "the daemon answered with status " + status + " and gave no reason", "internal", null, null, null);
        try {
            ApiError error = ApiJson.answer(ApiError.class, body);
            return error.error() == null ? unexplained : error;
        } catch (RuntimeException noApiError) {
            return unexplained;
        }
    }

    private void nextChunk() throws IOException {
        if (!firstChunk) {
            input.readLine();
        }
        firstChunk = false;
        String size = input.readLine();
        refuseBrokenOff(size);
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
