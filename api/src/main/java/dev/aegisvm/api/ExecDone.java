package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The last line of an exec's NDJSON answer.
 *
 * @param exitCode 0..255; 128+n for a signal n
 * @param error why there was no regular end (the VM went away, the command was not found)
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ExecDone(
        String execId, int exitCode, boolean done, @Nullable String error) {}
