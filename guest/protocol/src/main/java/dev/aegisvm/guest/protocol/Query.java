package dev.aegisvm.guest.protocol;

import java.util.Base64;

/** A question that a program of the guest has sent to a name server by UDP. Answered once. */
public final class Query {
    /** The longest message of either side, in bytes. */
    public static final int MAX_MESSAGE = 4096;

    private final GuestRequest entry;
    private final long id;
    private final byte[] message;

    Query(GuestRequest entry, long id, byte[] message) {
        this.entry = entry;
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
            throw new IllegalArgumentException("an answer of " + answer.length + " bytes, more than " + MAX_MESSAGE);
        }
        entry.lastly(new ToGuest.Resolved(id, Base64.getEncoder().encodeToString(answer)));
    }
}
