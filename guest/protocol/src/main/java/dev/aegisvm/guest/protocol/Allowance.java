package dev.aegisvm.guest.protocol;

/** The other end of a {@link Credit}: how much the peer may still send here, and what is to be granted back to it. */
final class Allowance {
    private int batch;
    private int left;
    private int taken;

    /**
     * Starts full.
     *
     * @param initial bytes that the peer may send before any grant
     * @param batch grants are of at least so many bytes; less than {@code initial}, else both sides would wait
     */
    Allowance(int initial, int batch) {
        this.left = initial;
        this.batch = batch;
    }

    /** Counts bytes that arrived; false when the peer had no right to send them. */
    boolean spend(int bytes) {
        left -= bytes;
        return left >= 0;
    }

    /** Counts bytes that left the buffer; returns how many to grant to the peer now, 0 for none yet. */
    int take(int bytes) {
        taken += bytes;
        return owed(batch);
    }

    /** How many to grant now if they are at least so many, else 0. */
    int owed(int least) {
        if (taken < least) {
            return 0;
        }
        int grant = taken;
        taken = 0;
        left += grant;
        return grant;
    }

    /** Makes the window larger by so much, which is to be granted, and grants in larger pieces from now on. */
    void widen(int bytes, int largerBatch) {
        left += bytes;
        batch = largerBatch;
    }
}
