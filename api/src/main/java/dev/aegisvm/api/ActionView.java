package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/**
 * The answer to a request that changes an instance's state.
 *
 * @param status {@code starting}, {@code stopped}, {@code disabled}, {@code paused}, {@code running} or {@code deleted}
 */
@Json
public record ActionView(String status) {}
