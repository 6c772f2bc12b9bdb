package dev.aegisvm.cli;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon found out about virtualization on this host, and keeps in its cache.
 *
 * @param accelerator {@code kvm} or {@code tcg}
 */
@Json(naming = Json.Naming.LowerUnderscore)
record AcceleratorFile(
        @Nullable String accelerator, @Nullable String reason) {}
