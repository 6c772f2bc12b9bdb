package dev.aegisvm.mcp;

import module java.base;

/**
 * What a process wrote to one of its outputs: the beginning and the latest are kept, what is between them is counted. A place in
 * it is the number of bytes before it. One thread writes; others may read.
 */
final class Output implements WritableByteChannel {
    private static final int CHUNK = 1 << 14;
    /** Kept of the beginning, in bytes, and of the latest, where there is the memory for it. */
    static final int MAX_HEAD = 1 << 20;

    static final int MAX_TAIL = 4 << 20;

    /** How many chunks all outputs together may have, beyond the two that each may have anyway. */
    private final Semaphore memory;
    /** What is kept, by its place over {@value #CHUNK}. */
    private final NavigableMap<Long, byte[]> chunks = new TreeMap<>();

    private long written;
    private boolean released;

    /** Of so many bytes, for outputs together. */
    static Semaphore memory(int bytes) {
        return new Semaphore(bytes / CHUNK);
    }

    Output(Semaphore memory) {
        this.memory = memory;
    }

    @Override
    public synchronized int write(ByteBuffer bytes) {
        int count = bytes.remaining();
        while (bytes.hasRemaining() && !released) {
            int at = (int) (written % CHUNK);
            byte[] chunk = at == 0 ? add() : chunks.lastEntry().getValue();
            int piece = Math.min(bytes.remaining(), CHUNK - at);
            bytes.get(chunk, at, piece);
            written += piece;
        }
        notifyAll();
        return count;
    }

    /** Where no more may be kept, the oldest after the beginning goes, or else after the very first. */
    private byte[] add() {
        byte[] chunk = new byte[CHUNK];
        boolean full = chunks.size() >= (MAX_HEAD + MAX_TAIL) / CHUNK;
        if (full || (chunks.size() >= 2 && !memory.tryAcquire())) {
            Long oldest = chunks.ceilingKey((long) MAX_HEAD / CHUNK);
            chunk = Objects.requireNonNull(chunks.remove(oldest == null ? chunks.higherKey(0L) : oldest));
        }
        chunks.put(written / CHUNK, chunk);
        return chunk;
    }

    synchronized long written() {
        return written;
    }

    /** A piece of what is kept, and where it begins: later than asked for where that is not kept. */
    record Piece(ByteBuffer bytes, long begin) {
        int length() {
            return bytes.limit();
        }

        long end() {
            return begin + length();
        }

        boolean continues(int at) {
            return Output.continues(bytes.get(at));
        }

        Piece between(int from, int to) {
            return new Piece(bytes.slice(from, to - from), begin + from);
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
        }

        /** Whether a tenth of it is neither UTF-8 nor what a text has of control characters. */
        boolean isBinary() {
            String text = text();
            IntPredicate odd = one -> one == '\ufffd' || (one < ' ' && (one < 7 || one > 13) && one != 27);
            return 10 * text.chars().filter(odd).count() > text.length();
        }
    }

    /** As much as fits, from a place on, to the next that is not kept. */
    synchronized Piece piece(long from, int most) {
        long asked = Math.clamp(from, 0, written);
        Long first = chunks.ceilingKey(asked / CHUNK);
        long begin = first == null ? written : Math.max(asked, first * CHUNK);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        long end = Math.min(written, begin + most);
        for (long at = begin; at < end && chunks.containsKey(at / CHUNK); at = begin + bytes.size()) {
            int within = (int) (at % CHUNK);
            bytes.write(
                    Objects.requireNonNull(chunks.get(at / CHUNK)), within, (int) Math.min(CHUNK - within, end - at));
        }
        return new Piece(ByteBuffer.wrap(bytes.toByteArray()), begin);
    }

    /** What is kept between two places; a newline stands for what is not. */
    InputStream kept(long from, long to) {
        return new InputStream() {
            private long at = from;

            @Override
            public int read() {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int offset, int length) {
                Piece next = piece(at, Math.clamp(to - at, 0, length));
                boolean gap = next.begin() > at;
                at = gap ? next.begin() : next.end();
                if (gap && at < to) {
                    target[offset] = '\n';
                    return 1;
                }
                next.bytes().get(target, offset, gap ? 0 : next.length());
                return gap || next.length() == 0 ? -1 : next.length();
            }
        };
    }

    /** The same without a cut character of UTF-8 at its end, unless that is all there is. */
    Piece wholeCharacters(long from, int most) {
        Piece piece = piece(from, most);
        Piece beyond = piece(piece.end(), 1);
        int end = piece.length();
        if (beyond.length() > 0 && beyond.begin() == piece.end() && beyond.continues(0)) {
            do {
                end--;
            } while (end > 0 && piece.length() - end < 4 && piece.continues(end));
        }
        return end <= 0 ? piece : piece.between(0, end);
    }

    /** Whether a byte is one of the later ones of a character. */
    static boolean continues(byte one) {
        return (one & 0xc0) == 0x80;
    }

    /** Waits until something is so, which is looked at after each write and {@link #wake}; for some milliseconds at most. */
    synchronized void await(BooleanSupplier there, long millis) throws InterruptedIOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try {
            long left = millis;
            while (left > 0 && !there.getAsBoolean()) {
                TimeUnit.MILLISECONDS.timedWait(this, left);
                left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
    }

    synchronized void wake() {
        notifyAll();
    }

    /** Nobody will read it any more. */
    synchronized void release() {
        memory.release(Math.max(0, chunks.size() - 2));
        chunks.clear();
        written = 0;
        released = true;
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
