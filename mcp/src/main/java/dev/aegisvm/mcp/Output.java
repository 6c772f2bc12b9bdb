package dev.aegisvm.mcp;

import module java.base;

/**
 * What a process wrote to one of its outputs: the beginning and the latest are kept, what is between them is counted. A place in
 * it is the number of bytes before it. One thread writes; others may read.
 */
final class Output implements WritableByteChannel {
    /** Kept of the beginning, in bytes. */
    static final int MAX_HEAD = 1 << 20;
    /** Kept of the latest, in bytes, where there is the memory for it. */
    static final int MAX_TAIL = 4 << 20;
    /** So much needs no leave. */
    private static final int SMALL = 1 << 16;

    private final Memory memory;
    private byte[] head = new byte[256];
    /** Where the beginning ends that is kept, once something was written after it. */
    private int headEnd = MAX_HEAD;

    private byte[] tail = new byte[0];
    private long written;

    /** What all outputs together may take up. */
    static final class Memory {
        private long left;

        /** @param bytes beyond what each may have anyway */
        Memory(long bytes) {
            left = bytes;
        }

        private synchronized boolean take(int bytes) {
            if (bytes > left) {
                return false;
            }
            left -= bytes;
            return true;
        }

        private synchronized void giveBack(int bytes) {
            left += bytes;
        }
    }

    Output(Memory memory) {
        this.memory = memory;
    }

    @Override
    public synchronized int write(ByteBuffer bytes) {
        int count = bytes.remaining();
        while (bytes.hasRemaining() && written < headEnd) {
            if (written == head.length && !growHead()) {
                headEnd = head.length;
                break;
            }
            int piece = Math.min(bytes.remaining(), head.length - (int) written);
            bytes.get(head, (int) written, piece);
            written += piece;
        }
        while (bytes.hasRemaining()) {
            growTail(bytes.remaining());
            int at = (int) ((written - headEnd) % tail.length);
            int piece = Math.min(bytes.remaining(), tail.length - at);
            bytes.get(tail, at, piece);
            written += piece;
        }
        notifyAll();
        return count;
    }

    private boolean growHead() {
        int size = Math.min(MAX_HEAD, head.length * 2);
        if (size == head.length || (size > SMALL && !memory.take(size - Math.max(head.length, SMALL)))) {
            return false;
        }
        head = Arrays.copyOf(head, size);
        return true;
    }

    /** Makes room for some bytes, if it may; what was kept stays at the places that it has. */
    private void growTail(int more) {
        int size = tail.length;
        while (size < MAX_TAIL && size < tailSize() + more) {
            size = Math.max(SMALL, size * 2);
        }
        if (size == tail.length || (size > SMALL && !memory.take(size - Math.max(tail.length, SMALL)))) {
            if (tail.length == 0) {
                tail = new byte[SMALL];
            }
            return;
        }
        byte[] larger = new byte[size];
        for (long place = written - tailSize(); place < written; place++) {
            larger[(int) ((place - headEnd) % size)] = tail[(int) ((place - headEnd) % tail.length)];
        }
        tail = larger;
    }

    private int tailSize() {
        return (int) Math.min(tail.length, Math.max(0, written - headEnd));
    }

    synchronized long written() {
        return written;
    }

    /** How many bytes are not kept, between the beginning and the latest. */
    synchronized long lost() {
        return Math.max(0, written - headEnd - tail.length);
    }

    /** A piece of what is kept, where it begins and ends; it begins later than asked for where that is not kept. */
    static final class Piece {
        private final byte[] bytes;
        private final long begin;

        Piece(byte[] bytes, long begin) {
            this.bytes = bytes;
            this.begin = begin;
        }

        byte[] bytes() {
            return bytes;
        }

        long begin() {
            return begin;
        }

        long end() {
            return begin + bytes.length;
        }

        String text() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** As much as fits, from a place on. */
    synchronized Piece piece(long from, int most) {
        long begin = Math.clamp(from, 0, written);
        if (begin >= headEnd) {
            begin = Math.max(begin, written - tailSize());
        }
        boolean inHead = begin < headEnd;
        long end = Math.min(begin + most, inHead ? Math.min(headEnd, written) : written);
        byte[] bytes = new byte[(int) (end - begin)];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = inHead ? head[(int) begin + at] : tail[(int) ((begin + at - headEnd) % tail.length)];
        }
        // The rest may be in the tail, and nothing between is lost.
        if (inHead && end == headEnd && lost() == 0 && bytes.length < most && written > end) {
            Piece rest = piece(end, most - bytes.length);
            byte[] both = Arrays.copyOf(bytes, bytes.length + rest.bytes().length);
            System.arraycopy(rest.bytes(), 0, both, bytes.length, rest.bytes().length);
            return new Piece(both, begin);
        }
        return new Piece(bytes, begin);
    }

    /** The same without a cut character of UTF-8 at its end, unless that is all there is. */
    Piece wholeCharacters(long from, int most) {
        Piece piece = piece(from, most);
        Piece beyond = piece(piece.end(), 1);
        int length = piece.bytes().length;
        if (beyond.bytes().length == 0 || beyond.begin() > piece.end() || !continues(beyond.bytes()[0])) {
            return piece;
        }
        int end = length - 1;
        while (end > 0 && length - end < 4 && continues(piece.bytes()[end])) {
            end--;
        }
        return end <= 0 ? piece : new Piece(Arrays.copyOf(piece.bytes(), end), piece.begin());
    }

    /** Whether a byte is one of the later ones of a character. */
    static boolean continues(byte one) {
        return (one & 0xc0) == 0x80;
    }

    /** Waits until something was written beyond a place, it is over, or {@link #wake}; for some milliseconds at most. */
    synchronized void await(long beyond, long millis, BooleanSupplier over) throws InterruptedException {
        if (written <= beyond && millis > 0 && !over.getAsBoolean()) {
            TimeUnit.MILLISECONDS.timedWait(this, millis);
        }
    }

    synchronized void wake() {
        notifyAll();
    }

    /** Nobody will read it any more. */
    synchronized void release() {
        memory.giveBack(Math.max(0, head.length - SMALL) + Math.max(0, tail.length - SMALL));
        head = new byte[0];
        headEnd = 0;
        tail = new byte[0];
        written = 0;
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
