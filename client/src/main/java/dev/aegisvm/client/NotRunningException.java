package dev.aegisvm.client;

import java.io.IOException;

/** Nothing answers on the daemon's socket. */
public final class NotRunningException extends IOException {
    private static final long serialVersionUID = 1L;

    public NotRunningException(String message, Throwable cause) {
        super(message, cause);
    }
}
