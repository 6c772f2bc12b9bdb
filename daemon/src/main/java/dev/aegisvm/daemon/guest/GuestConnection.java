package dev.aegisvm.daemon.guest;

import java.io.InputStream;
import java.io.OutputStream;

/** A TCP connection to a port inside the guest. */
@SuppressWarnings("DoNotCallSuggester") // until the calls are there
public final class GuestConnection implements AutoCloseable {
    GuestConnection() {}

    /** What the guest sends; blocking. */
    public InputStream in() {
        throw new UnsupportedOperationException("not yet");
    }

    /** To the guest; blocking. Closing it is a half-close: {@link #in()} goes on. */
    public OutputStream out() {
        throw new UnsupportedOperationException("not yet");
    }

    /** Ends both directions at once; what was not read is lost. Idempotent. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("not yet");
    }
}
