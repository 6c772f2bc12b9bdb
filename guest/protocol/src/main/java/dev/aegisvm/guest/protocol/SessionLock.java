package dev.aegisvm.guest.protocol;

import module java.base;

/** The lock of a session, which a {@code try} holds until its end. */
final class SessionLock extends ReentrantLock implements AutoCloseable {
    SessionLock held() {
        lock();
        return this;
    }

    @Override
    public void close() {
        unlock();
    }
}
