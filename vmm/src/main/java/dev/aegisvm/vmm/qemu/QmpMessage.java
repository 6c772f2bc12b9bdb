package dev.aegisvm.vmm.qemu;

import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/**
 * One line from QEMU's monitor (QMP): a greeting, an event, or the reply to a command. Only what is used here is read.
 *
 * @param event the event's name, absent in a greeting or reply
 * @param data what came with the event
 * @param error why a command failed
 */
@Json
public record QmpMessage(
        @Nullable String event,
        @Nullable Data data,
        @Nullable Failure error) {
    /**
     * What comes with an event.
     *
     * @param status the migration's state, of MIGRATION events
     */
    @Json
    public record Data(@Nullable String status) {}

    /**
     * Why a command failed.
     *
     * @param desc a sentence
     */
    @Json
    public record Failure(@Nullable String desc) {}
}
