package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.List;

/**
 * An exec that has not ended.
 *
 * @param pid its process id in the guest
 * @param tty whether it has a terminal
 * @param detached whether nobody is connected with it
 */
@Json(naming = Json.Naming.LowerUnderscore)
public record ExecView(
        String execId, List<String> command, long pid, Instant startedAt, boolean tty, boolean detached) {
    public ExecView {
        command = Absent.orEmpty(command);
    }
}
