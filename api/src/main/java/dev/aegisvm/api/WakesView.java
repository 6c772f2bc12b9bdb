package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/** How an instance woke up, by what it woke from. */
@Json(naming = Json.Naming.LowerUnderscore)
public record WakesView(WakeView paused, WakeView stopped) {}
