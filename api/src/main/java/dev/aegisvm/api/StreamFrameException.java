package dev.aegisvm.api;

import java.io.IOException;

/** Bytes on an {@code aegis-stream} connection that are no frames. */
public final class StreamFrameException extends IOException {
    private static final long serialVersionUID = 1L;

    public StreamFrameException(String message) {
        super(message);
    }
}
