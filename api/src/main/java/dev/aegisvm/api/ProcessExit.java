package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * The payload of a {@link StreamFrame.Type#EXIT} frame.
 *
 * @param exitCode 0..255; 128+n for a signal n
 * @param signal the signal that ended the process
 * @param outOfMemory the guest's kernel killed it because memory ran out
 * @param timedOut it was killed because its time was over
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ProcessExit(
        int exitCode,
        @Nullable Integer signal,
        @Nullable Boolean outOfMemory,
        @Nullable Boolean timedOut) {
    /** The end of a process that ran out of time. */
    public static ProcessExit atTimeout() {
        return new ProcessExit(ExecRequest.TIMED_OUT, null, null, true);
    }
}
