package dev.aegisvm.guest.protocol;

import module java.base;

/** One request of a guest, until it is answered. */
final class GuestRequest {
    private final Sender sender;
    private final AtomicInteger waiting;
    private final AtomicBoolean answered = new AtomicBoolean();

    /** @param waiting how many of its kind wait, with this one */
    GuestRequest(Sender sender, AtomicInteger waiting) {
        this.sender = sender;
        this.waiting = waiting;
    }

    /** Begins calls to the guest. */
    @FunctionalInterface
    interface Sender {
        CompletableFuture<FromGuest.Done> begin(Wish<FromGuest.Done> wish) throws CallFailed;
    }

    /** Answers it by a call, of whose outcome the streams that it names tell. */
    void answer(Wish<FromGuest.Done> wish) throws CallFailed {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("this request was answered before");
        }
        waiting.decrementAndGet(); // before the guest can hear of it and send another
        var _ = sender.begin(wish);
    }

    /** Answers it by a call after which nothing is left. */
    void lastly(ToGuest.Simple call) {
        try {
            answer(_ -> call);
        } catch (CallFailed over) {
            // The session is over, and with it the request; or the guest answers nothing.
        }
    }

    /** Makes one more call about it, if the session goes on. */
    void tell(ToGuest.Simple call) {
        try {
            var _ = sender.begin(_ -> call);
        } catch (CallFailed over) {
            // As above.
        }
    }
}
