package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;

/** A request of a guest's program to the gateway, which is answered once. */
public abstract sealed class GuestRequest {
    final Sender sender;
    /** How many of its kind wait, with this one. */
    private final AtomicInteger waiting;

    private final AtomicBoolean answered = new AtomicBoolean();

    private GuestRequest(Sender sender, AtomicInteger waiting) {
        this.sender = sender;
        this.waiting = waiting;
    }

    interface Sender {
        Sent<FromGuest.Done> begin(Sent.Wish<FromGuest.Done> wish) throws CallFailed;
    }

    /** Counts it as answered: before the guest can hear of it, and send another. */
    void answered() {
        if (!answered.compareAndSet(false, true)) {
            throw new IllegalStateException("this request was answered before");
        }
        waiting.decrementAndGet();
    }

    /** Makes a call whose outcome is ignored. */
    void tell(ToGuest.Simple call) {
        try {
            var _ = sender.begin(_ -> call);
        } catch (CallFailed over) {
            // The session is over, and with it the request; or the guest answers nothing.
        }
    }

    /** A connection that a program has opened and that waits for its other end. */
    public static final class Dial extends GuestRequest {
        private final FromGuest.Dial asked;

        Dial(Sender sender, AtomicInteger waiting, FromGuest.Dial asked) {
            super(sender, waiting);
            this.asked = asked;
        }

        /** Where it was to go, as the guest says it; at most 45 characters. */
        public String address() {
            return asked.address();
        }

        /** 1..65535. */
        public int port() {
            return asked.port();
        }

        /**
         * The stream that the program's connection is from now on. It breaks when the guest has no room for it.
         *
         * @throws CallFailed if the session is over, or has no stream left; the connection is reset then
         */
        public GuestStream accept() throws CallFailed {
            answered();
            try {
                return sender
                        .begin(streams -> new ToGuest.Accept(
                                asked.dialId(), streams.open(Direction.BOTH).id()))
                        .stream();
            } catch (CallFailed noStream) {
                tell(new ToGuest.Refuse(asked.dialId()));
                throw noStream;
            }
        }

        public void refuse() {
            answered();
            tell(new ToGuest.Refuse(asked.dialId()));
        }
    }

    /** A question that a program has sent to a name server by UDP. */
    public static final class Query extends GuestRequest {
        /** The longest message of either side, in bytes. */
        public static final int MAX_MESSAGE = 4096;

        private final long id;
        private final byte[] message;

        Query(Sender sender, AtomicInteger waiting, long id, byte[] message) {
            super(sender, waiting);
            this.id = id;
            this.message = message;
        }

        /** A DNS message as the program sent it, whatever it may be: 1 to {@link #MAX_MESSAGE} bytes. */
        public byte[] message() {
            return message.clone();
        }

        /** Sends the program a DNS message of at most {@link #MAX_MESSAGE} bytes; none when it is empty. */
        public void answer(byte[] answer) {
            if (answer.length > MAX_MESSAGE) {
                throw new IllegalArgumentException(
                        "an answer of " + answer.length + " bytes, more than " + MAX_MESSAGE);
            }
            answered();
            tell(new ToGuest.Resolved(id, Base64.getEncoder().encodeToString(answer)));
        }
    }
}
