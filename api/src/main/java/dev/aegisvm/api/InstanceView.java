package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.api.NetworkViews.EgressView;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** An instance as clients see it; {@code openapi.yaml} describes its fields. */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record InstanceView(
        String id,
        InstanceStatus state,
        boolean enabled,
        List<String> command,
        @Nullable String handle,
        @Nullable String imageRef,
        List<String> secrets,
        Instant createdAt,
        @Nullable Instant lastActiveAt,
        @Nullable Instant stoppedAt,
        int activeConnections,
        List<Integer> exposePorts,
        List<Endpoint> endpoints,
        @Nullable String routerAddr,
        @Nullable EgressView network,
        @Nullable Integer exitCode,
        @Nullable String reason,
        int memoryMb,
        int vcpus,
        int diskMb,
        @Nullable Long diskUsedBytes,
        @Nullable String workspace,
        List<String> volumes,
        @Nullable String cwd,
        @Nullable String user,
        @Nullable Long timeoutMs,
        boolean trustHostCas,
        boolean ephemeral,
        boolean autoRemove,
        @Nullable Instant expiresAt,
        Map<String, String> labels,
        @Nullable IdleView idle,
        @Nullable BootView boot) {
    public InstanceView {
        command = Absent.orEmpty(command);
        secrets = Absent.orEmpty(secrets);
        volumes = Absent.orEmpty(volumes);
        exposePorts = Absent.orEmpty(exposePorts);
        endpoints = Absent.orEmpty(endpoints);
        labels = Absent.orEmpty(labels);
    }

    /** What its user calls it: its handle, or else its id. */
    public String name() {
        return handle == null ? id : handle;
    }

    @Json(naming = Json.Naming.LowerUnderscore)
    public record Endpoint(int guestPort, int publicPort, String protocol, boolean bound) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record IdleView(
            String activity,
            String pause,
            String stop,
            @Nullable Instant keepaliveUntil) {}

    @Json(naming = Json.Naming.LowerUnderscore)
    public record BootView(String mode, @Nullable Double totalMs, Map<String, Double> stages) {}
}
