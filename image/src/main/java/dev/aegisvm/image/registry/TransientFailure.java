package dev.aegisvm.image.registry;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A failure that may pass: worth another attempt. */
final class TransientFailure extends IOException {
    private static final long serialVersionUID = 1L;

    TransientFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
