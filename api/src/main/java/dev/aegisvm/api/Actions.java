package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Requests that change an instance, and what they are answered with. */
public final class Actions {
    private Actions() {}

    /**
     * The answer to a request that changes an instance's state.
     *
     * @param status {@code starting}, {@code stopped}, {@code disabled}, {@code paused}, {@code running} or {@code
     *     deleted}
     */
    @Json
    public record ActionView(String status) {}

    /** What has become of one of several things, as a command line prints it. */
    @Json
    public record DoneView(String name, String status) {}

    /** The body of {@link Routes#RENAME}. */
    @Json
    public record RenameRequest(@Nullable String handle) {}

    /** The answer to {@link Routes#PRUNE}: how many instances were removed, and which. */
    @Json
    public record PruneView(int pruned, List<String> ids) {
        public PruneView {
            ids = Absent.orEmpty(ids);
        }
    }

    /** The body of {@link Routes#KEEPALIVE}: {@code 1s} to {@code 24h}, with d, h, m or s; absent: 10 minutes. */
    @Json
    public record KeepaliveRequest(@Nullable String duration) {}

    /** Whether an instance is {@code held} awake, and until when, or {@code released}. */
    @Json
    public record KeepaliveView(String status, @Nullable Instant until) {}
}
