package dev.aegisvm.gateway.dial;

import module java.base;

/** What follows a head of HTTP/1, as it comes in pieces, up to the next one. For one thread. */
public final class HttpBody {
    public static final long CHUNKED = -1;
    /** Before a chunk, with the end of the previous one; or after the last one, without trailers. */
    private static final Pattern BETWEEN =
            Pattern.compile("\\r\\n(?:0{1,7}\\r\\n\\r\\n|(?!0+\\r)([0-9A-Fa-f]{1,7})\\r\\n)");

    private final StringBuilder between = new StringBuilder("\r\n");
    private boolean chunks;
    private long left;

    public HttpBody(long length) {
        chunks = length == CHUNKED;
        left = chunks ? 0 : length;
    }

    public boolean goesOn() {
        return chunks || left > 0;
    }

    /** How many bytes are still to come, as far as that is known. */
    long left() {
        return left;
    }

    /** Moves over what belongs to it; false when it is malformed. */
    public boolean take(ByteBuffer bytes) {
        while (goesOn() && bytes.hasRemaining()) {
            int now = (int) Math.min(left, bytes.remaining());
            bytes.position(bytes.position() + now);
            left -= now;
            if (now == 0 && !takeBetween((char) (bytes.get() & 0xff))) {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("JdkObsolete") // What comes in pieces is what hitEnd() is for.
    private boolean takeBetween(char next) {
        Matcher line = BETWEEN.matcher(between.append(next));
        if (line.matches()) {
            chunks = line.group(1) != null;
            left = chunks ? Integer.parseInt(line.group(1), 16) : 0;
            between.setLength(0);
            return true;
        }
        return line.hitEnd();
    }
}
