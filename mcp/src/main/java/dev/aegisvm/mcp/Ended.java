package dev.aegisvm.mcp;

import dev.aegisvm.api.ExecViews.ProcessExit;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A process that has ended.
 *
 * @param exitCode 0..255; 128+n for a signal n, 124 when its time was over
 * @param timedOut it was killed because its time was over
 * @param outOfMemory the guest's kernel killed it because memory ran out
 * @param stdout what it wrote, or the beginning of it
 * @param stdoutCursor for {@code output_read}, where there is more
 * @param stdoutLost bytes that were too many to be kept
 * @param notes what the daemon has to say
 */
@Json(naming = Json.Naming.LowerUnderscore)
record Ended(
        int exitCode,
        @Nullable Boolean timedOut,
        @Nullable Boolean outOfMemory,
        String stdout,
        String stderr,
        @Nullable String stdoutCursor,
        @Nullable String stderrCursor,
        @Nullable Long stdoutLost,
        @Nullable Long stderrLost,
        @Nullable List<String> notes) {

    static Ended of(ProcessExit exit, Output stdout, Output stderr, Outputs outputs, List<String> notes) {
        Output.Piece out = stdout.piece(0, Outputs.MAX_IN_ANSWER);
        Output.Piece err = stderr.piece(0, Outputs.MAX_IN_ANSWER);
        return new Ended(
                exit.exitCode(),
                exit.timedOut(),
                exit.outOfMemory(),
                out.text(),
                err.text(),
                outputs.cursor(stdout, out.end()),
                outputs.cursor(stderr, err.end()),
                lost(stdout),
                lost(stderr),
                notes.isEmpty() ? null : notes);
    }

    private static @Nullable Long lost(Output output) {
        return output.written() > output.size() ? output.written() - output.size() : null;
    }

    String json() {
        return Jsonb.instance().toJson(this);
    }
}
