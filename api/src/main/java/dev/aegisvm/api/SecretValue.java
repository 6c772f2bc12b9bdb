package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code PUT /v1/secrets/{name}}.
 *
 * @param value 1 to {@value #MOST_BYTES} bytes in UTF-8, without a NUL character
 */
@Json
public record SecretValue(@Nullable String value) {
    /** Half of what Linux takes as one variable with its name (MAX_ARG_STRLEN, 128 KiB). */
    public static final int MOST_BYTES = 64 * 1024;

    /** Says nothing of the value, so that it gets into no log. */
    @Override
    public String toString() {
        return "SecretValue[…]";
    }
}
