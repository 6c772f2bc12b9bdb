package dev.aegisvm.guest.protocol;

/** How many more bytes may be sent, on one direction of a stream or of the connection. */
final class Credit {
    /** What each direction of a stream starts with, in bytes. */
    static final int STREAM = 65536;
    /** What each direction of the connection starts with, in bytes. */
    static final int CONNECTION = 1 << 20;

    /** What a wide stream's direction has, in bytes: as much as the connection. */
    static final int WIDE = CONNECTION;

    private static final long MAX = Long.MAX_VALUE / 2;

    private long left;

    Credit(int initial) {
        left = initial;
    }

    int within(int wanted) {
        return (int) Math.min(wanted, left);
    }

    void spend(int bytes) {
        left -= bytes;
    }

    /** Adds a grant. It cannot overflow, however much the peer grants. */
    void add(long bytes) {
        left = Math.min(MAX, left + bytes);
    }

    /** The receiver's side: how much the peer may still send, and how much was consumed and is to be granted again. */
    static final class Allowance {
        private int batch;
        private int left;
        private int taken;

        /**
         * Starts full.
         *
         * @param initial bytes that the peer may send before any grant
         * @param batch the least number of bytes in a grant; below {@code initial}, or both sides would wait
         */
        Allowance(int initial, int batch) {
            this.left = initial;
            this.batch = batch;
        }

        /** Counts bytes that arrived; false when they are more than was granted. */
        boolean spend(int bytes) {
            left -= bytes;
            return left >= 0;
        }

        /** Counts bytes that were consumed; returns how many to grant now, 0 for none yet. */
        int take(int bytes) {
            taken += bytes;
            return owed(batch);
        }

        /** How many bytes to grant now, 0 if they are fewer than {@code min}. */
        int owed(int min) {
            if (taken < min) {
                return 0;
            }
            int grant = taken;
            taken = 0;
            left += grant;
            return grant;
        }

        /** Makes the window larger by this much, which the caller grants, and grants in larger batches from now on. */
        void widen(int bytes, int largerBatch) {
            left += bytes;
            batch = largerBatch;
        }
    }
}
