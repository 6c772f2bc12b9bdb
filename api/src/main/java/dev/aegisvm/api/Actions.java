package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Requests that change an instance, and their answers. {@code openapi.yaml} describes the fields. */
public final class Actions {
    private Actions() {}

    @Json
    public record ActionView(String status) {}

    /** What has become of one of several things, as a command line prints it. */
    @Json
    public record DoneView(String name, String status) {}

    @Json
    public record RenameRequest(@Nullable String handle) {}

    @Json
    public record PruneView(int pruned, List<String> ids) {}

    @Json
    public record KeepaliveRequest(@Nullable String duration) {}

    @Json
    public record KeepaliveView(String status, @Nullable Instant until) {}
}
