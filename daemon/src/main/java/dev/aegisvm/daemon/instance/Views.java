package dev.aegisvm.daemon.instance;

import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.InstanceViewBuilder;
import java.util.List;
import java.util.OptionalLong;

/** Shows an instance as clients see it. */
public final class Views {
    private Views() {}

    /**
     * The instance as it is now.
     *
     * @param ignored fields of a request that differ from the stored instance
     */
    public static InstanceView of(InstanceActor actor, OptionalLong diskBytes, List<String> ignored) {
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
                .diskUsedBytes(diskBytes.isPresent() ? diskBytes.getAsLong() : null)
                .workspace(spec.workspace().map(Workspace::text).orElse(null))
                .ephemeral(spec.ephemeral())
                .idle(actor.idle().view(now))
                .boot(actor.work().lastBoot().orElse(null))
                .ignored(ignored.isEmpty() ? null : ignored)
                .build();
    }
}
