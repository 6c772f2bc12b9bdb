package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/** Who wrote a log entry: the main process, an exec, or the daemon. */
public enum LogSource {
    SERVER("server"),
    EXEC("exec"),
    SYSTEM("system");

    private final String wire;

    LogSource(String wire) {
        this.wire = wire;
    }

    @Json.Value
    public String wire() {
        return wire;
    }
}
