package dev.aegisvm.guest.protocol;

import java.io.IOException;

/** A read or write on a stream that one side has reset. */
public final class StreamReset extends IOException {
    private static final long serialVersionUID = 1L;

    private final ResetReason reason;

    StreamReset(String message, ResetReason reason) {
        super(message);
        this.reason = reason;
    }

    public ResetReason reason() {
        return reason;
    }
}
