package dev.aegisvm.guest.protocol;

import java.time.Duration;

/** What a session's streams hold of the guest's {@link Memory}, until it ends. The session's lock guards it. */
final class SessionMemory {
    private final Memory memory;
    private long held;
    private boolean ended;

    SessionMemory(Memory memory) {
        this.memory = memory;
    }

    Memory ofGuest() {
        return memory;
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
