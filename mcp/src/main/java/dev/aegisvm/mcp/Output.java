package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.host.Utf8;

/**
 * What a process wrote to one of its outputs: the beginning and the latest are kept, what is between them is counted. A place in
 * it is the number of bytes before it. One thread writes; others may read.
 */
final class Output {
    private static final int CHUNK = 1 << 14;
    /** Kept of the beginning, in bytes, and of the latest, where there is the memory for it. */
    static final int MAX_HEAD = 1 << 20;

    static final int MAX_TAIL = 4 << 20;

    /** Of a character of UTF-8, the bytes after its first. */
    private static final int MAX_REST = 3;

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

    synchronized void write(ByteBuffer bytes) {
        while (bytes.hasRemaining() && !released) {
            int at = (int) (written % CHUNK);
            byte[] chunk = at == 0 ? add() : chunks.lastEntry().getValue();
            int piece = Math.min(bytes.remaining(), CHUNK - at);
            bytes.get(chunk, at, piece);
            written += piece;
        }
        // Of what nobody reads any more, nothing is kept.
        bytes.position(bytes.limit());
        notifyAll();
    }

    void write(String text) {
        write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** Where no more may be kept, the oldest after the beginning goes, or else after the very first. */
    private byte[] add() {
        boolean full = chunks.size() >= (MAX_HEAD + MAX_TAIL) / CHUNK;
        if (full || (chunks.size() >= 2 && !memory.tryAcquire())) {
            Long oldest = chunks.ceilingKey((long) MAX_HEAD / CHUNK);
            chunks.remove(oldest == null ? Objects.requireNonNull(chunks.higherKey(0L)) : oldest);
        }
        // Not the chunk that goes: somebody may read it.
        byte[] chunk = new byte[CHUNK];
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

        Piece between(int from, int to) {
            return new Piece(bytes.slice(from, to - from), begin + from);
        }

        /** The first bytes, without a cut character of UTF-8 at their end, unless that is all there is. */
        Piece first(int most) {
            int end = Math.min(most, length());
            int whole = Utf8.whole(bytes.slice(0, end));
            return between(0, whole == 0 ? end : whole);
        }

        /** What is from a place on, without the rest of a character that began before it. */
        Piece from(int place) {
            int from = place;
            while (from < Math.min(place + MAX_REST, length()) && (bytes.get(from) & 0xc0) == 0x80) {
                from++;
            }
            return between(from, length());
        }

        String text() {
            return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
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
    synchronized InputStream kept(long from, long to) {
        List<InputStream> pieces = new ArrayList<>();
        long next = from / CHUNK;
        for (Map.Entry<Long, byte[]> each : chunks.tailMap(next).entrySet()) {
            if (each.getKey() > next) {
                pieces.add(new ByteArrayInputStream(new byte[] {'\n'}));
            }
            long begin = each.getKey() * CHUNK;
            int skipped = (int) Math.max(0, from - begin);
            int length = (int) Math.min(CHUNK, to - begin) - skipped;
            pieces.add(new ByteArrayInputStream(each.getValue(), skipped, Math.max(0, length)));
            next = each.getKey() + 1;
        }
        return new SequenceInputStream(Collections.enumeration(pieces));
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
}
