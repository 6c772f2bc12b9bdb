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

    /**
     * An exec.
     *
     * @param command what it runs, cut where it is long and has ended
     * @param pid its process id in the guest
     * @param detached whether it was started without a client
     * @param endedAt absent while it runs
     * @param exit how it ended, where that is known
     * @param error why it is not known
     */
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
            @Nullable String error) {
        public ExecView {
            command = Absent.orEmpty(command);
        }
    }

    /** How many bytes of each output are before a moment. */
    @Json
    public record OutputCursors(long stdout, long stderr) {}

    /**
     * A piece of an output of an exec.
     *
     * @param cursor how many bytes are before it; more than asked for where those between are not kept any more
     * @param data its bytes in base64
     * @param written how many bytes the process has written to this output
     * @param exit how it ended, where that is known
     * @param error why it is not known
     */
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
