package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** The body of {@link Routes#EXEC}; {@code openapi.yaml} describes its fields. */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record ExecRequest(
        List<String> command,
        Map<String, String> env,
        @Nullable String cwd,
        @Nullable String user,
        @Nullable TerminalSize tty,
        @Nullable String stdin,
        @Nullable Long timeoutMs,
        @Nullable Boolean keep,
        @Nullable String session,
        @Nullable Boolean detach,
        @Nullable Boolean merge) {

    /** The exit code of a process that ran out of time, as of timeout(1). */
    public static final int TIMED_OUT = 124;

    public ExecRequest {
        command = Absent.orEmpty(command);
        env = Absent.orEmpty(env);
    }

    public static ExecRequest of(List<String> command) {
        return ExecRequestBuilder.builder().command(command).build();
    }
}
