package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.api.ExecViews.ExecStarted;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/instances/{id}/exec}.
 *
 * @param command the program and its arguments
 * @param env added to the instance's environment
 * @param cwd absolute working directory in the guest; absent: the user's usual one
 * @param user {@code name}, {@code uid}, {@code name:group} or {@code uid:gid} of the guest; absent: root
 * @param tty gives the process a terminal of this size; its output is then all {@code stdout}
 * @param stdin what the process finds on its stdin, in UTF-8, before the end; with {@code aegis-stream} the stream
 *     carries it
 * @param timeoutMs after so long, all that the process started is killed and the exit code is {@value #TIMED_OUT}
 * @param keep it goes on when its client leaves; with {@code detach}, its stdin stays open
 * @param session a name under which forks of the instance keep it running: there, an exec of the same name is connected
 *     with it, and starts no other
 * @param detach answers when the process has started, with {@link ExecStarted}
 * @param merge what it writes to stderr becomes a part of stdout, in the order of arrival; the log tells them apart
 */
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
