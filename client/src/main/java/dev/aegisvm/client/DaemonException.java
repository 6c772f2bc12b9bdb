package dev.aegisvm.client;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The daemon cannot be reached or started, or answers something that is not its protocol. */
public final class DaemonException extends IOException {
    public DaemonException(String message) {
        super(message);
    }

    public DaemonException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Nothing answers on the daemon's socket. */
    public static final class NotRunning extends IOException {
        NotRunning(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
