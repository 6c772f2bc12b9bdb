package dev.aegisvm.guest.protocol;

import module java.base;

/**
 * What waits to be written: credit, control frames, then the streams that have bytes and credit, a frame each in turn.
 *
 * <p>Guarded by the multiplexer's lock. The limits of calls and streams bound its length: credit of one stream is one
 * frame, however much the guest sends without reading.
 */
final class Outbox {
    /** The size of one write: pieces of control messages, then bulk. */
    static final int BUFFER = 4 * Frame.MAX_SIZE;

    /** Few, so that a control frame does not wait behind much bulk that is already written. */
    private static final int BULK_FRAMES = 2;

    private static final long MOST_CREDIT = 0xFFFF_FFFFL;

    /** In bytes, by the numbers of the streams. */
    private final SequencedMap<Long, Long> credits = new LinkedHashMap<>();

    private final ArrayDeque<Frame> control = new ArrayDeque<>();
    /** In their turn; each is in it once. */
    private final SequencedSet<GuestStream> ready = new LinkedHashSet<>();

    private final Credit connection = new Credit(Credit.CONNECTION);

    boolean idle() {
        return credits.isEmpty() && control.isEmpty() && (ready.isEmpty() || connection.within(1) == 0);
    }

    void add(Frame frame) {
        if (frame instanceof Frame.Credit(long stream, long bytes)) {
            credits.merge(stream, bytes, (one, more) -> Math.min(MOST_CREDIT, one + more));
        } else {
            control.add(frame);
        }
    }

    /** Whether it was not there already. */
    boolean add(GuestStream stream) {
        return ready.add(stream);
    }

    void grant(long bytes) {
        connection.add(bytes);
    }

    /** Moves what goes next into an empty buffer of {@link #BUFFER} bytes. */
    void fill(ByteBuffer out) {
        drainCredits(out);
        drainControl(out);
        for (int i = 0; i < BULK_FRAMES && out.remaining() >= Frame.MAX_SIZE && bulkMayGo(); i++) {
            GuestStream stream = ready.removeFirst();
            stream.send(out, connection);
            if (stream.sendable()) {
                ready.add(stream);
            }
        }
    }

    private boolean bulkMayGo() {
        return credits.isEmpty() && control.isEmpty() && !ready.isEmpty() && connection.within(1) > 0;
    }

    /** It is for what the guest has sent, so that it knows the stream. */
    private void drainCredits(ByteBuffer out) {
        while (!credits.isEmpty() && out.remaining() >= Frame.MAX_SIZE) {
            Map.Entry<Long, Long> next = credits.pollFirstEntry();
            new Frame.Credit(next.getKey(), next.getValue()).encode(out);
        }
    }

    private void drainControl(ByteBuffer out) {
        while (!control.isEmpty() && out.remaining() >= Frame.MAX_SIZE) {
            control.remove().encode(out);
        }
    }
}
