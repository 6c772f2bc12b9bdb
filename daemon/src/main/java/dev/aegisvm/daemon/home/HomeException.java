package dev.aegisvm.daemon.home;

import org.jspecify.annotations.Nullable;

/** The daemon cannot work with this home or this configuration. The message is for the user and names what to do. */
public final class HomeException extends Exception {
    public HomeException(String message) {
        this(message, null);
    }

    public HomeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
