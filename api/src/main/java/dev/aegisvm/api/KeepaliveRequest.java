package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@link Routes#KEEPALIVE}.
 *
 * @param duration a number and {@code d}, {@code h}, {@code m} or {@code s}, 1 s to 24 hours; absent: 10 minutes
 */
@Json
public record KeepaliveRequest(@Nullable String duration) {}
