package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A line of an instance's network log; {@code openapi.yaml} describes the fields. Texts that a guest chose are bounded
 * before they come here.
 */
@Json(naming = Json.Naming.LowerUnderscore)
@RecordBuilder
public record AuditLine(
        Instant time,
        String kind,
        @Nullable String name,
        @Nullable String address,
        @Nullable Integer port,
        String rule,
        String verdict,
        @Nullable String reason,
        long bytesUp,
        long bytesDown,
        long durationMs,
        @Nullable Long missed) {
    public static final String DNS = "dns";
    public static final String TCP = "tcp";
    /** The guest's way to the gateway. */
    public static final String LINK = "link";

    public static final String ALLOWED = "allowed";
    public static final String REFUSED = "refused";
    /** Allowed, but nothing answered. */
    public static final String FAILED = "failed";
    /** The rule of what exceeded a limit of the instance. */
    public static final String LIMIT = "limit";
    /** The rule of an address that stands for no name. */
    public static final String UNKNOWN = "unknown";
    /** The rule of what a guest has done to itself. */
    public static final String GUEST = "guest";
}
