package dev.aegisvm.image.registry;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** What a credential helper answers. */
@Json
public record HelperAnswer(
        @Json.Property("Username") @Nullable String username,
        @Json.Property("Secret") @Nullable String secret) {
    /** Says nothing of the secret, wherever it is printed. */
    @Override
    public String toString() {
        return username + ":…";
    }
}
