package dev.aegisvm.daemon.instance;

import dev.aegisvm.host.ProcessIdentity;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is known of an instance while no VM of it runs: what was asked for, and what became of it.
 *
 * @param enabled false: only an explicit start boots it
 * @param exitCode of the main process, when it ended by itself since the last boot
 * @param stopReason why it is stopped
 * @param vm the process of its VM, so that the next daemon can end it if this one is killed
 */
public record InstanceRecord(
        InstanceSpec spec,
        boolean enabled,
        Instant lastActiveAt,
        Optional<Instant> stoppedAt,
        OptionalInt exitCode,
        Optional<String> stopReason,
        Optional<ProcessIdentity> vm) {

    public static InstanceRecord created(InstanceSpec spec) {
        return new InstanceRecord(
                spec,
                true,
                spec.createdAt(),
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty());
    }

    public String id() {
        return spec.id();
    }

    public InstanceRecord withEnabled(boolean value) {
        return new InstanceRecord(spec, value, lastActiveAt, stoppedAt, exitCode, stopReason, vm);
    }

    /** A boot begins: how the last run ended is forgotten. */
    public InstanceRecord booting(Instant now) {
        if (stoppedAt.isEmpty() && exitCode.isEmpty() && stopReason.isEmpty() && vm.isEmpty()) {
            return this;
        }
        return new InstanceRecord(
                spec, enabled, now, Optional.empty(), OptionalInt.empty(), Optional.empty(), Optional.empty());
    }

    public InstanceRecord withVm(ProcessIdentity process) {
        return new InstanceRecord(spec, enabled, lastActiveAt, stoppedAt, exitCode, stopReason, Optional.of(process));
    }

    public InstanceRecord exited(int code) {
        return new InstanceRecord(spec, enabled, lastActiveAt, stoppedAt, OptionalInt.of(code), stopReason, vm);
    }

    /** No VM of it runs any more. */
    public InstanceRecord stopped(Instant now, String reason) {
        return new InstanceRecord(
                spec, enabled, lastActiveAt, Optional.of(now), exitCode, Optional.of(reason), Optional.empty());
    }

    public InstanceRecord active(Instant now) {
        return new InstanceRecord(spec, enabled, now, stoppedAt, exitCode, stopReason, vm);
    }
}
