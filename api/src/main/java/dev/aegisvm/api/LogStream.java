package dev.aegisvm.api;

import io.avaje.jsonb.Json;

/** Where a log entry came from. */
public enum LogStream {
    STDOUT("stdout"),
    STDERR("stderr"),
    SYSTEM("system");

    private final String wire;

    LogStream(String wire) {
        this.wire = wire;
    }

    @Json.Value
    public String wire() {
        return wire;
    }
}
