package dev.aegisvm.guest.protocol;

import java.time.Duration;

/** The daemon's memory for one guest's unread bytes. For all threads; calls nothing while it holds its lock. */
public interface Memory {
    /** Without a bound: for a guest that runs no program of others. */
    Memory UNBOUNDED = new Memory() {
        @Override
        public boolean take(long bytes, Duration patience) {
            return true;
        }

        @Override
        public boolean grow(long bytes) {
            return true;
        }

        @Override
        public void give(long bytes) {}
    };

    /** Takes some, which may become free within that time; false when there is none. */
    boolean take(long bytes, Duration patience);

    /** Takes some of what is plenty, for more speed; false leaves it to those who cannot do without. */
    boolean grow(long bytes);

    void give(long bytes);
}
