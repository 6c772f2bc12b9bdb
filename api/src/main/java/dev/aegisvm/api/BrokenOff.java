package dev.aegisvm.api;

import module java.base;

/**
 * How a chunked answer that cannot be finished says why: the line of a chunk that never comes has the error as an
 * extension (RFC 9112, section 7.1.1), and the connection closes. Every client sees that the answer is not whole; ours
 * also sees why.
 */
public final class BrokenOff {
    private static final String EXTENSION = "aegis-error=";

    private BrokenOff() {}

    /** The line for an {@link ApiError} in JSON. */
    public static String chunk(String json) {
        return "1;" + EXTENSION + URLEncoder.encode(json, StandardCharsets.UTF_8) + "\r\n";
    }

    /** What a chunk's line says of an error, in JSON; empty for the line of a chunk that comes. */
    public static Optional<String> error(String line) {
        int at = line.indexOf(";" + EXTENSION);
        if (at < 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(URLDecoder.decode(line.substring(at + 1 + EXTENSION.length()), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException garbled) {
            return Optional.empty();
        }
    }
}
