package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;

/** The streams that one call names. */
public final class Streams {
    private final Multiplexer mux;
    private final List<GuestStream> opened = new ArrayList<>();

    public interface Wish<R extends FromGuest.Result> {
        ToGuest<R> with(Streams streams) throws CallFailed;
    }

    Streams(Multiplexer mux) {
        this.mux = mux;
    }

    public GuestStream open(Direction direction) throws CallFailed {
        GuestStream stream = mux.open(direction);
        opened.add(stream);
        return stream;
    }

    void forget() {
        opened.forEach(mux::forget);
    }

    void reset() {
        opened.forEach(stream -> stream.reset(ResetReason.CANCELLED));
    }
}
