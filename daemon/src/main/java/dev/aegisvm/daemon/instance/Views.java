package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import java.util.List;

/** Shows an instance as clients see it. */
final class Views {
    private Views() {}

    /** @param ignored fields of a request that differ from the stored instance */
    static InstanceView of(InstanceActor actor, List<String> ignored) {
        InstanceActor.Snapshot now = actor.snapshot();
        InstanceRecord record = now.record();
        InstanceSpec spec = record.spec();
        boolean stopped = now.state().status() == InstanceStatus.STOPPED;
        return new InstanceView(
                spec.id(),
                now.state().status(),
                record.enabled(),
                spec.command(),
                spec.handle().orElse(null),
                null,
                spec.createdAt(),
                record.lastActiveAt(),
                record.stoppedAt().orElse(null),
                0,
                List.of(),
                List.of(),
                null,
                record.exitCode().isPresent() ? record.exitCode().getAsInt() : null,
                stopped ? record.stopReason().orElse(null) : null,
                spec.memoryMb(),
                spec.vcpus(),
                spec.ephemeral(),
                actor.lastBoot().orElse(null),
                ignored.isEmpty() ? null : ignored);
    }
}
