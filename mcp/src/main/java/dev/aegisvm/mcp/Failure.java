package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.host.HostError;
import io.avaje.jsonb.Json;

/**
 * Why a tool could not do what it was asked for.
 *
 * @param code a stable word: one of the API's, or {@code daemon_unavailable}, {@code internal}
 * @param cause one sentence
 * @param remedy what to do next, in terms of tools
 */
@Json
record Failure(String code, String cause, String remedy) {
    private static final Map<String, String> REMEDIES = ToolTable.ours().meanings("remedies");

    static Failure of(String tool, Throwable why) {
        return switch (why) {
            case ApiException refusal -> of(refusal);
            case FileSystemException obstacle ->
                new Failure(
                        ErrorCode.BAD_REQUEST.wire(),
                        "on this host: " + HostError.text(obstacle),
                        "change the path of the host, and call again");
            case IOException obstacle ->
                new Failure(
                        "daemon_unavailable",
                        String.valueOf(obstacle.getMessage()),
                        "call again: the daemon is started when it does not run; an instance that is stopped then is"
                                + " started by instance_start with its name. If that does not help, `aegis doctor` on the"
                                + " host says what is wrong");
            default -> {
                System.err.println("aegis-mcp: " + tool + ": " + why.getClass().getName());
                String cause = "internal error: " + why.getClass().getSimpleName();
                yield new Failure("internal", cause, "call again, or do it another way");
            }
        };
    }

    private static Failure of(ApiException refusal) {
        ApiError error = refusal.error();
        String hint = error.hint() == null ? "" : error.hint();
        // A hint may speak of the command line; a model has tools.
        boolean forPeople = hint.isEmpty() || hint.contains("aegis ") || hint.contains("--");
        String usual = hint.isEmpty() ? "change the arguments, and call again" : hint;
        String log = error.log() == null ? "" : "; its log ends with: " + String.join("\n", error.log());
        return new Failure(
                error.code(), error.error() + log, forPeople ? REMEDIES.getOrDefault(error.code(), usual) : hint);
    }
}
