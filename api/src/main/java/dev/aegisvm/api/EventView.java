package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A transition of an instance: a line of the answer to {@link Routes#EVENTS}, and of the daemon's log.
 *
 * @param instanceId empty where {@code missed} is given, and so are {@code from} and {@code to}
 * @param from the state before, a word of the table in LIFECYCLE.md; {@code none} for a new instance
 * @param to the state from now on; {@code deleted} is the last
 * @param because why, in words
 * @param exitCode of the main process, where it has ended by itself
 * @param missed how many events this reader did not get because it was too slow; given in place of an event
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record EventView(
        Instant ts,
        String instanceId,
        @Nullable String handle,
        String from,
        String to,
        String because,
        @Nullable Integer exitCode,
        @Nullable Long missed) {}
