package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Processes in a guest beside the main one: how they start, are listed, and end. */
public final class ExecViews {
    private ExecViews() {}

    /**
     * The first line of an exec's NDJSON answer, and the payload of a {@link StreamFrame.Type#STARTED} frame.
     *
     * @param execId names the process; {@code main} for the main process
     * @param pid its process id in the guest
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecStarted(
            String execId,
            @Nullable Instant startedAt,
            @Nullable Long pid) {}

    /** An exec that has not ended. The pid is the guest's; when it is detached, nobody is connected with it. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecView(
            String execId, List<String> command, long pid, Instant startedAt, boolean tty, boolean detached) {
        public ExecView {
            command = Absent.orEmpty(command);
        }
    }

    /**
     * The last line of an exec's NDJSON answer.
     *
     * @param exitCode 0..255; 128+n for a signal n
     * @param error why there was no regular end (the VM went away, the command was not found)
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record ExecDone(
            String execId,
            int exitCode,
            boolean done,
            @Nullable String error) {}

    /**
     * The payload of a {@link StreamFrame.Type#EXIT} frame.
     *
     * @param exitCode 0..255; 128+n for a signal n
     * @param signal the signal that ended the process
     * @param outOfMemory the guest's kernel killed it, or the command of a shell, because memory ran out
     * @param timedOut it was killed because its time was over
     */
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
