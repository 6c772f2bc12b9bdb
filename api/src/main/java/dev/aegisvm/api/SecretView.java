package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;

/**
 * All that clients learn of a secret.
 *
 * @param createdAt when the name was first set
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record SecretView(String name, Instant createdAt) {}
