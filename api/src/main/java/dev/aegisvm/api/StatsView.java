package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;

/**
 * The answer to {@link Routes#STATS}.
 *
 * @param since when counting began: when the daemon started or the instance was created, whichever was later
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record StatsView(String id, Instant since, WakesView wakes) {}
