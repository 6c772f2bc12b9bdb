package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a {@link StreamFrame.Type#EXIT} frame.
 *
 * @param exitCode 0..255; 128+n for a signal n
 * @param signal the signal that ended the process
 * @param outOfMemory the guest's kernel killed it because memory ran out
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ProcessExit(
        int exitCode, @Nullable Integer signal, @Nullable Boolean outOfMemory) {}
