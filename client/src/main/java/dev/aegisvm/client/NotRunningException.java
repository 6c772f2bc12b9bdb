package dev.aegisvm.client;

import java.io.IOException;

/** Nothing answers on the daemon's socket. */
public final class NotRunningException extends IOException {
    public NotRunningException(String message, Throwable cause) {
        super(message, cause);
    }
}
