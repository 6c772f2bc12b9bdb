package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@link Routes#LOAD_IMAGES}.
 *
 * @param path an absolute path of the host: an archive of {@code docker save} or of an OCI layout
 */
@Json
public record LoadImages(@Nullable String path) {}
