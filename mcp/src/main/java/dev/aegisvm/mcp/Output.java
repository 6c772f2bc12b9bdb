package dev.aegisvm.mcp;

import module java.base;

/** What a process wrote to one of its outputs: the first bytes are kept, the others counted. One thread writes. */
final class Output implements WritableByteChannel {
    /** Kept of one output, in bytes. */
    static final int MAX_KEPT = 8 * 1024 * 1024;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream(256);
    private long written;

    static Output of(byte[] bytes) {
        Output output = new Output();
        output.write(ByteBuffer.wrap(bytes));
        return output;
    }

    @Override
    public synchronized int write(ByteBuffer bytes) {
        int count = bytes.remaining();
        byte[] piece = new byte[Math.min(count, MAX_KEPT - kept.size())];
        bytes.get(piece);
        bytes.position(bytes.limit());
        kept.writeBytes(piece);
        written += count;
        return count;
    }

    synchronized long written() {
        return written;
    }

    synchronized int size() {
        return kept.size();
    }

    /** A piece of what is kept, and where the next one begins. */
    record Piece(String text, int end) {}

    /** As much as fits, from a place on; no character of UTF-8 is cut in two. */
    synchronized Piece piece(int from, int most) {
        byte[] bytes = kept.toByteArray();
        int begin = Math.clamp(from, 0, bytes.length);
        int end = Math.min(bytes.length, begin + most);
        while (end < bytes.length && end > begin + 1 && (bytes[end] & 0xc0) == 0x80) {
            end--;
        }
        return new Piece(new String(bytes, begin, end - begin, StandardCharsets.UTF_8), end);
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // There is nothing to give back.
    }
}
