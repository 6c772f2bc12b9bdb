package dev.aegisvm.mcp;

import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.host.HostError;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.Map;

/**
 * Why a tool could not do what it was asked for.
 *
 * @param code a stable word: one of the API's, or {@code daemon_unavailable}, {@code internal}
 * @param cause one sentence
 * @param remedy what to do next, in terms of tools
 */
@Json
record Failure(String code, String cause, String remedy) {
    private static final Map<String, String> REMEDIES = ToolTable.OURS.meanings("remedies");

    static Failure of(ApiException refusal) {
        ApiError error = refusal.error();
        String hint = error.hint() == null ? "" : error.hint();
        boolean forPeople = hint.isEmpty() || hint.contains("aegis ") || hint.contains("--");
        String log = error.log() == null ? "" : "; its log ends with: " + String.join("\n", error.log());
        return new Failure(error.code(), error.error() + log, forPeople ? remedy(error.code(), hint) : hint);
    }

    static Failure of(IOException obstacle) {
        if (obstacle instanceof FileSystemException) {
            return new Failure(
                    ErrorCode.BAD_REQUEST.wire(),
                    "on this host: " + HostError.text(obstacle),
                    "change the path of the host, and call again");
        }
        return new Failure(
                "daemon_unavailable",
                String.valueOf(obstacle.getMessage()),
                "call again: the daemon is started when it does not run; an instance that is stopped then is started by"
                        + " instance_start with its name. If that does not help, `aegis doctor` on the host says what is wrong");
    }

    static Failure of(Throwable bug) {
        return new Failure(
                "internal", "internal error: " + bug.getClass().getSimpleName(), "call again, or do it another way");
    }

    /** What takes the place of a hint that speaks of the command line: a model has tools. */
    private static String remedy(String code, String hint) {
        return REMEDIES.getOrDefault(code, hint.isEmpty() ? "change the arguments, and call again" : hint);
    }

    String json() {
        return Jsonb.instance().toJson(this);
    }
}
