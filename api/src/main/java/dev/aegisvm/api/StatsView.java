package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The answer to {@link Routes#STATS}, counted since the start of the daemon or of the instance, the later of the two. */
@Json(naming = Json.Naming.LowerUnderscore)
public record StatsView(String id, Instant since, WakesView wakes) {

    /** How an instance woke up, by what it woke from. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakesView(WakeView paused, WakeView stopped) {}

    /**
     * How often an instance woke up from a state, and how long that took.
     *
     * @param failed how often it should have, and its VM did not come to run
     * @param p50Ms milliseconds from the request until its VM ran, of half of the latest 1000; absent when there were none
     * @param p99Ms the same of 99 in 100
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakeView(
            long count,
            long failed,
            @Nullable Double p50Ms,
            @Nullable Double p99Ms) {}
}
