package dev.aegisvm.guest.protocol;

import module java.base;

/**
 * What the streams of a session share: a lock, which guards all of it, and what they hold of the guest's {@link
 * Memory} until the session ends.
 */
final class SessionState {
    final Lock lock = new Lock(false);
    private final Memory memory;
    private long held;
    private boolean ended;

    SessionState(Memory memory) {
        this.memory = memory;
    }

    /** A lock that a {@code try} holds until its end. */
    static final class Lock extends ReentrantLock implements AutoCloseable {
        Lock(boolean fair) {
            super(fair);
        }

        Lock held() {
            lock();
            return this;
        }

        @Override
        public void close() {
            unlock();
        }
    }

    /** Takes some for a stream that is opened. */
    void take(long bytes) throws CallFailed {
        if (!memory.take(bytes, Duration.ZERO)) {
            throw new CallFailed(CallFailed.TOO_MANY, "this instance has reached its limit of the daemon's memory");
        }
        held += bytes;
    }

    boolean grow(long bytes) {
        boolean may = !ended && memory.grow(bytes);
        held += may ? bytes : 0;
        return may;
    }

    void give(long bytes) {
        if (!ended) {
            held -= bytes;
            memory.give(bytes);
        }
    }

    void end() {
        give(held);
        ended = true;
    }
}
