package dev.aegisvm.client;

import module java.base;

/** The bytes that come over a connection: lines of a head first, then a body, from one buffer. */
final class SocketInput extends InputStream {
    /** Longest line of an HTTP head that is read, in bytes. */
    private static final int MAX_LINE = 16 * 1024;

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(64 * 1024).flip();

    SocketInput(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /** Waits until there is a byte in the buffer; false at the end. */
    boolean fill() throws IOException {
        if (buffer.hasRemaining()) {
            return true;
        }
        buffer.clear();
        try {
            return channel.read(buffer) > 0;
        } finally {
            buffer.flip();
        }
    }

    /** The bytes that have come and are not read yet. */
    ByteBuffer buffered() {
        return buffer;
    }

    /** Reads a line that ends with CR LF, and gives it without them. */
    String readLine() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (fill()) {
            char next = (char) (buffer.get() & 0xff);
            if (next == '\n') {
                int end = line.length();
                return end > 0 && line.charAt(end - 1) == '\r' ? line.substring(0, end - 1) : line.toString();
            }
            if (line.length() == MAX_LINE) {
                throw new DaemonException("the daemon's answer has a line of more than " + MAX_LINE + " bytes");
            }
            line.append(next);
        }
        throw new EOFException("the daemon closed the connection in the middle of an answer");
    }

    @Override
    public int read() throws IOException {
        return fill() ? buffer.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int taken = Math.min(length, buffer.remaining());
        buffer.get(bytes, offset, taken);
        return taken;
    }
}
