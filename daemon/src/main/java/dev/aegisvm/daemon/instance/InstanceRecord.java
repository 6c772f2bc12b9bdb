package dev.aegisvm.daemon.instance;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What is known of an instance while no VM of it runs: what was asked for, and what became of it.
 *
 * @param enabled false: only an explicit start boots it
 * @param exitCode of the main process, when it ended by itself since the last boot
 * @param vm the process of its VM, so that the next daemon can end it if this one is killed
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record InstanceRecord(
        InstanceSpec spec,
        boolean enabled,
        Instant lastActiveAt,
        Optional<Instant> stoppedAt,
        Optional<Integer> exitCode,
        Optional<String> stopReason,
        Optional<ProcessIdentity> vm)
        implements InstanceRecordBuilder.With {

    public static InstanceRecord created(InstanceSpec spec) {
        return InstanceRecordBuilder.builder()
                .spec(spec)
                .enabled(true)
                .lastActiveAt(spec.createdAt())
                .build();
    }

    public String id() {
        return spec.id();
    }

    /** A boot begins: how the last run ended is forgotten. */
    public InstanceRecord booting(Instant now) {
        return stoppedAt.isEmpty() && exitCode.isEmpty() && stopReason.isEmpty() && vm.isEmpty()
                ? this
                : created(spec).with().enabled(enabled).lastActiveAt(now).build();
    }

    public InstanceRecord stopped(Instant now, String reason) {
        return with().stoppedAt(Optional.of(now))
                .stopReason(Optional.of(reason))
                .vm(Optional.empty())
                .build();
    }
}
