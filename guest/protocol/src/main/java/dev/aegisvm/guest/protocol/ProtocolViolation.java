package dev.aegisvm.guest.protocol;

import java.io.IOException;

/** The peer broke the rules of the channel; the session cannot go on. The message says what it did. */
public final class ProtocolViolation extends IOException {
    public ProtocolViolation(String message) {
        super(message);
    }

    ProtocolViolation(String message, Throwable cause) {
        super(message, cause);
    }
}
