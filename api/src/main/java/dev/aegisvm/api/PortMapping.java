package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * A guest port that the host shall expose.
 *
 * @param port the guest's port, 1..65535
 * @param publicPort the host's port, 1..65535; absent: one is chosen
 * @param protocol {@code http} (the default), {@code tcp} or {@code grpc}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record PortMapping(
        int port, @Nullable Integer publicPort, @Nullable String protocol) {}
