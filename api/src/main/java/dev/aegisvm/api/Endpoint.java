package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/** A guest port and the host's port through which it is reached. */
@Json(naming = Json.Naming.LowerUnderscore)
public record Endpoint(int guestPort, int publicPort, String protocol) {}
