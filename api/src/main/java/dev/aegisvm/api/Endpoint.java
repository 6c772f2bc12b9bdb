package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/**
 * A guest port and the host's port through which it is reached.
 *
 * @param bound whether the daemon listens on it: false while the instance is disabled or another program has the port
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record Endpoint(int guestPort, int publicPort, String protocol, boolean bound) {}
