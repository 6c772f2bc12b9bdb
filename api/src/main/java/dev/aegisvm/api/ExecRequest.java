package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/instances/{id}/exec}.
 *
 * @param command the program and its arguments
 * @param env added to the instance's environment
 * @param cwd absolute working directory in the guest
 * @param tty gives the process a terminal of this size; its output is then all {@code stdout}
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ExecRequest(
        List<String> command,
        Map<String, String> env,
        @Nullable String cwd,
        @Nullable TerminalSize tty) {

    /** Absent collections are empty ones. */
    public ExecRequest {
        command = Absent.orEmpty(command);
        env = Absent.orEmpty(env);
    }

    /** A plain command in the instance's own environment. */
    public static ExecRequest of(List<String> command) {
        return new ExecRequest(command, Map.of(), null, null);
    }
}
