package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link Routes#STATS}: what an instance uses, from the host's side, and how it woke up. To look at it
 * wakes nobody.
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record StatsView(
        String id,
        Instant since,
        WakesView wakes,
        @Nullable String handle,
        @Nullable InstanceStatus state,
        @Nullable Instant at,
        @Nullable Long cpuMs,
        @Nullable MemoryView memory,
        @Nullable DiskView disk,
        @Nullable NetworkView network,
        @Nullable HeldView held) {

    /** Memory of the VM's process, in bytes. */
    @Json
    public record MemoryView(long unique, long shared, long limit) {}

    /** What its own disk takes up on the host, and the size of the file system on it, in bytes. */
    @Json
    public record DiskView(long used, long limit) {}

    /**
     * What the daemon has relayed through its exposed ports, in bytes. What a guest exchanges with the outside by
     * itself is not counted.
     *
     * @param relayedIn from clients to the guest
     * @param relayedOut from the guest to clients
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record NetworkView(long relayedIn, long relayedOut, int connections) {}

    /**
     * What guests and clients make the daemon hold.
     *
     * @param maxFiles the same
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record HeldView(
            long bytes,
            long files,
            @Nullable Long maxBytes,
            @Nullable Long maxFiles) {}

    /** How an instance woke up, by what it woke from; and how it did the last time. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakesView(
            WakeView paused, WakeView stopped, @Nullable LastWake last) {}

    /** A wake. */
    @Json
    public record LastWake(String from, String because, double ms) {}

    /**
     * How often an instance woke up from a state, and how long that took.
     *
     * @param failed how often it should have, and its VM did not come to run
     * @param p99Ms the same of 99 in 100
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record WakeView(
            long count,
            long failed,
            @Nullable Double p50Ms,
            @Nullable Double p99Ms) {}
}
