package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.guest.protocol.*;

/** A TCP connection to a port inside the guest. */
public record GuestConnection(GuestStream stream) implements AutoCloseable {
    public InputStream in() {
        return stream.in();
    }

    /** To the guest; blocking. Closing it is a half-close: {@link #in()} goes on. */
    public OutputStream out() {
        return stream.out();
    }

    /** Ends what goes to the guest, and waits until that has room for all of it. */
    public void finish() {
        stream.finish();
    }

    /** Ends both directions at once; what was not read is lost. Idempotent. */
    @Override
    public void close() {
        stream.close();
    }
}
