package dev.aegisvm.guest.protocol;

import java.nio.ByteBuffer;

/** A queue of bytes with a limit. It grows with its content, so that an idle stream needs little memory. */
final class ByteRing {
    private static final int FIRST = 4096;
    private static final byte[] NONE = {};

    private byte[] bytes = NONE;
    private int limit;
    private int head;
    private int size;

    /** @param limit a power of two */
    ByteRing(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    int size() {
        return size;
    }

    int room() {
        return limit - size;
    }

    /** Sets the limit, a power of two. */
    void widen(int bytes) {
        limit = bytes;
    }

    /** Adds all of the source, which must fit into {@link #room}. */
    void put(ByteBuffer source) {
        int length = source.remaining();
        grow(size + length);
        int tail = (head + size) & (bytes.length - 1);
        int first = Math.min(length, bytes.length - tail);
        source.get(bytes, tail, first);
        source.get(bytes, 0, length - first);
        size += length;
    }

    /** Moves {@code length} bytes, at most {@link #size}, to the target. */
    void take(ByteBuffer target, int length) {
        int first = Math.min(length, bytes.length - head);
        target.put(bytes, head, first);
        target.put(bytes, 0, length - first);
        size -= length;
        head = size == 0 ? 0 : (head + length) & (bytes.length - 1);
    }

    void clear() {
        bytes = NONE;
        head = 0;
        size = 0;
    }

    private void grow(int wanted) {
        if (wanted > limit) {
            throw new IllegalStateException("a ring of " + limit + " bytes cannot hold " + wanted);
        }
        if (wanted <= bytes.length) {
            return;
        }
        byte[] larger = new byte[Math.max(FIRST, Integer.highestOneBit(wanted - 1) << 1)];
        int held = size;
        if (held > 0) {
            take(ByteBuffer.wrap(larger), held);
        }
        bytes = larger;
        head = 0;
        size = held;
    }
}
