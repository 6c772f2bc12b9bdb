package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;

/** A connection that a guest's program has opened and that waits for its other end. Answered once. */
public final class Dial {
    private final GuestRequest entry;
    private final FromGuest.Dial asked;

    Dial(GuestRequest entry, FromGuest.Dial asked) {
        this.entry = entry;
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
     * The stream that the program's connection is from now on. When the guest has no room for it, the stream breaks.
     *
     * @throws CallFailed if the session is over, or has no stream left; the connection is reset then
     */
    public GuestStream accept() throws CallFailed {
        AtomicReference<GuestStream> opened = new AtomicReference<>();
        try {
            entry.answer(streams -> {
                GuestStream stream = streams.open(Direction.BOTH);
                opened.setPlain(stream);
                return new ToGuest.Accept(asked.dialId(), stream.id());
            });
        } catch (CallFailed noStream) {
            entry.tell(new ToGuest.Refuse(asked.dialId()));
            throw noStream;
        }
        return opened.getPlain();
    }

    /** Resets the connection. */
    public void refuse() {
        entry.lastly(new ToGuest.Refuse(asked.dialId()));
    }
}
