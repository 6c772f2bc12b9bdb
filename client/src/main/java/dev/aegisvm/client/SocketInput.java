package dev.aegisvm.client;

import module java.base;

/** The bytes that come over a connection: lines of a head first, then a body, from one buffer. */
final class SocketInput extends BufferedInputStream {
    /** Longest line of an HTTP head that is read, in bytes. */
    private static final int MAX_LINE = 16 * 1024;

    SocketInput(SocketChannel channel) {
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
