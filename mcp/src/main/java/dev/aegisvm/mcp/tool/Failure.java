package dev.aegisvm.mcp.tool;

import dev.aegisvm.api.*;
import dev.aegisvm.host.HostError;
import dev.aegisvm.mcp.tool.ToolArguments.Argument;
import io.avaje.jsonb.Json;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a tool could not do what it was asked for.
 *
 * @param code one of the API's, or {@code daemon_unavailable}, {@code internal}
 * @param remedy what to do next, in terms of tools, where the cause does not tell
 */
@Json
public record Failure(String code, String cause, @Nullable String remedy) {
    private static final Map<String, Argument> REMEDIES = ToolTable.OURS.lines("remedies");

    public static Failure of(ApiException refusal) {
        ApiError error = refusal.error();
        String log = error.log() == null ? "" : "; its log ends with: " + String.join("\n", error.log());
        return new Failure(error.code(), Hints.forModel(error.error()) + log, remedy(error.code(), error.hint()));
    }

    public static Failure of(IOException obstacle) {
        if (obstacle instanceof FileSystemException) {
            return new Failure(ErrorCode.BAD_REQUEST.wire(), "on this host: " + HostError.text(obstacle), null);
        }
        return new Failure(
                "daemon_unavailable",
                String.valueOf(obstacle.getMessage()),
                "call again: the daemon is started when it does not run; an instance that is stopped then is started by"
                        + " instance_start with its name. If that does not help, `aegis doctor` on the host says what is wrong");
    }

    public static Failure of(Throwable bug) {
        return new Failure(
                "internal", "internal error: " + bug.getClass().getSimpleName(), "call again, then tell the person");
    }

    /** Both in one sentence. */
    public String told() {
        return remedy == null ? cause : cause + "; " + remedy;
    }

    /** The hint, or what the table has for a code without one; or in its place, where tools do it in another way. */
    private static @Nullable String remedy(String code, @Nullable String hint) {
        Argument known = REMEDIES.get(code);
        if (known != null && (hint == null || hint.isEmpty() || known.required())) {
            return known.text();
        }
        return hint == null || hint.isEmpty() ? null : Hints.forModel(hint);
    }
}
