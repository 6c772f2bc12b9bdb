package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.util.Optional;

/** The four states of an instance that clients see. */
public enum InstanceStatus {
    STOPPED("stopped"),
    STARTING("starting"),
    RUNNING("running"),
    PAUSED("paused");

    private final String wire;

    InstanceStatus(String wire) {
        this.wire = wire;
    }

    @Json.Value
    public String wire() {
        return wire;
    }

    public static Optional<InstanceStatus> parse(String wire) {
        for (InstanceStatus status : values()) {
            if (status.wire.equals(wire)) {
                return Optional.of(status);
            }
        }
        return Optional.empty();
    }
}
