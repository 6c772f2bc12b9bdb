package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * How an instance stands with its idle timers.
 *
 * @param activity in one sentence, why it is awake, or since when and why it is asleep
 * @param pause how long it may be idle before it is paused: {@code 60s}, {@code never}
 * @param stop how long after that pause it is stopped; how long it may be idle before, where it is never paused
 * @param keepaliveUntil until when a keepalive holds it awake
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record IdleView(
        String activity,
        String pause,
        String stop,
        @Nullable Instant keepaliveUntil) {}
