package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Processes in a guest: how they start, are listed, and end. {@code openapi.yaml} describes the fields. */
public final class ExecViews {
    private ExecViews() {}

    /** The first line of an exec's NDJSON answer, and the payload of a {@link StreamFrame.Type#STARTED} frame. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecStarted(
            String execId,
            @Nullable Instant startedAt,
            @Nullable Long pid) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecView(
            String execId,
            List<String> command,
            long pid,
            Instant startedAt,
            boolean tty,
            boolean detached,
            @Nullable Instant endedAt,
            @Nullable ProcessExit exit,
            @Nullable String error) {}

    /** How many bytes of each output are before a moment. */
    @Json
    public record OutputCursors(long stdout, long stderr) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecOutput(
            long cursor,
            String data,
            long written,
            boolean running,
            @Nullable ProcessExit exit,
            @Nullable String error) {
        public byte[] bytes() {
            return Base64.getDecoder().decode(data);
        }
    }

    /** The last line of an exec's NDJSON answer. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecDone(
            String execId,
            int exitCode,
            boolean done,
            @Nullable String error) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record ProcessExit(
            int exitCode,
            @Nullable Integer signal,
            @Nullable Boolean outOfMemory,
            @Nullable Boolean timedOut) {
        public static ProcessExit of(int exitCode) {
            return new ProcessExit(exitCode, null, null, null);
        }

        public static ProcessExit atTimeout() {
            return new ProcessExit(ExecRequest.TIMED_OUT, null, null, true);
        }
    }
}
