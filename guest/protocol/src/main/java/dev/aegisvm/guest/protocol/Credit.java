package dev.aegisvm.guest.protocol;

/** How many more bytes may be sent, on one direction of a stream or of the connection. */
final class Credit {
    /** What each direction of a stream starts with, in bytes. */
    static final int STREAM = 65536;
    /** What each direction of the connection starts with, in bytes. */
    static final int CONNECTION = 1 << 20;

    /** What a wide stream's direction has, in bytes: as much as the connection, so that nothing else holds it up. */
    static final int WIDE = CONNECTION;

    private static final long MOST = Long.MAX_VALUE / 2;

    private long left;

    Credit(int initial) {
        left = initial;
    }

    /** The part of {@code wish} that may be sent now. */
    int within(int wish) {
        return (int) Math.min(wish, left);
    }

    void spend(int bytes) {
        left -= bytes;
    }

    /** A peer that grants without end gains nothing by an overflow. */
    void add(long bytes) {
        left = Math.min(MOST, left + bytes);
    }
}
