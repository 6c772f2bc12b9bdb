package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;

/** The four states of an instance that clients see. */
public enum InstanceStatus {
    STOPPED,
    STARTING,
    RUNNING,
    PAUSED;

    @Json.Value
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
