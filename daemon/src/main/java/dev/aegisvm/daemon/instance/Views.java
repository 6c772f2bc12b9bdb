package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceViewBuilder;
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
        return InstanceViewBuilder.builder()
                .id(spec.id())
                .state(now.state().status())
                .enabled(record.enabled())
                .command(spec.command())
                .handle(spec.handle().orElse(null))
                .imageRef(spec.image().map(ImageUse::ref).orElse(null))
                .secrets(spec.secrets())
                .createdAt(spec.createdAt())
                .lastActiveAt(record.lastActiveAt())
                .stoppedAt(record.stoppedAt().orElse(null))
                .activeConnections(actor.connections().open())
                .exposePorts(spec.exposes().stream().map(ExposedPort::guestPort).toList())
                .endpoints(actor.endpoints())
                .routerAddr(actor.httpRouter().orElse(null))
                .exitCode(record.exitCode().isPresent() ? record.exitCode().getAsInt() : null)
                .reason(stopped ? record.stopReason().orElse(null) : null)
                .memoryMb(spec.memoryMb())
                .vcpus(spec.vcpus())
                .diskMb(spec.diskMb())
                .diskUsedBytes(disk.map(InstanceDisk::usedBytes)
                        .filter(bytes -> bytes >= 0)
                        .orElse(null))
                .workspace(spec.workspace().map(Workspace::text).orElse(null))
                .ephemeral(spec.ephemeral())
                .idle(actor.idle().view(now))
                .boot(actor.lastBoot().orElse(null))
                .ignored(ignored.isEmpty() ? null : ignored)
                .build();
    }
}
