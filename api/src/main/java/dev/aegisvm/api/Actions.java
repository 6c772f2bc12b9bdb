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
     * @param status {@code starting}, {@code stopped}, {@code disabled}, {@code paused}, {@code running} or {@code deleted}
     */
    @Json
    public record ActionView(String status) {}

    /**
     * The answer to {@link Routes#PRUNE}.
     *
     * @param pruned how many instances were removed
     */
    @Json
    public record PruneView(int pruned, List<String> ids) {
        public PruneView {
            ids = Absent.orEmpty(ids);
        }
    }

    /**
     * The body of {@link Routes#KEEPALIVE}.
     *
     * @param duration a number and {@code d}, {@code h}, {@code m} or {@code s}, 1 s to 24 hours; absent: 10 minutes
     */
    @Json
    public record KeepaliveRequest(@Nullable String duration) {}

    /**
     * The answer to {@link Routes#KEEPALIVE} and {@link Routes#RELEASE_KEEPALIVE}.
     *
     * @param status {@code held} or {@code released}
     * @param until when it ends by itself; absent when it is released
     */
    @Json
    public record KeepaliveView(String status, @Nullable Instant until) {}
}
