package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/**
 * What was unpacked into a guest.
 *
 * @param files hard links included, each of which is a file of its own then
 * @param bytes of content
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record CopyView(long files, long directories, long symlinks, long bytes) {}
