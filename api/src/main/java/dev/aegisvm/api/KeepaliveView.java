package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The answer to {@link Routes#KEEPALIVE} and {@link Routes#RELEASE_KEEPALIVE}.
 *
 * @param status {@code held} or {@code released}
 * @param until when it ends by itself; absent when it is released
 */
@Json
public record KeepaliveView(String status, @Nullable Instant until) {}
