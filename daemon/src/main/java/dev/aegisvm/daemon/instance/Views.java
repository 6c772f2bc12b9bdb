package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.vmm.disk.InstanceDisk;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Shows an instance as clients see it. */
final class Views {
    private Views() {}

    /**
     * @param disk where its disk is, if that is of interest
     * @param ignored fields of a request that differ from the stored instance
     */
    static InstanceView of(InstanceActor actor, Optional<Path> disk, List<String> ignored) {
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
                spec.image().map(ImageUse::ref).orElse(null),
                spec.secrets(),
                spec.createdAt(),
                record.lastActiveAt(),
                record.stoppedAt().orElse(null),
                actor.connections().open(),
                spec.exposes().stream().map(ExposedPort::guestPort).toList(),
                actor.endpoints(),
                actor.httpRouter().orElse(null),
                record.exitCode().isPresent() ? record.exitCode().getAsInt() : null,
                stopped ? record.stopReason().orElse(null) : null,
                spec.memoryMb(),
                spec.vcpus(),
                spec.diskMb(),
                disk.map(InstanceDisk::usedBytes).filter(bytes -> bytes >= 0).orElse(null),
                spec.workspace().map(Workspace::text).orElse(null),
                spec.ephemeral(),
                actor.idle().view(now),
                actor.lastBoot().orElse(null),
                ignored.isEmpty() ? null : ignored);
    }
}
