package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The first line of an exec's NDJSON answer, and the payload of a {@link StreamFrame.Type#STARTED} frame.
 *
 * @param execId names the process; {@code main} for the main process
 * @param startedAt when it was started
 * @param pid its process id in the guest
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ExecStarted(
        String execId,
        @Nullable Instant startedAt,
        @Nullable Long pid) {}
