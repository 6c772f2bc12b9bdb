package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A transition of an instance, also in the daemon's log; {@code openapi.yaml} describes the fields. */
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
