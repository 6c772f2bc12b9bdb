package dev.aegisvm.api;

import io.avaje.jsonb.Json;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An instance as clients see it.
 *
 * @param enabled false: only an explicit start boots it
 * @param activeConnections open connections to its exposed ports
 * @param exposePorts the guest's ports that are exposed
 * @param routerAddr host and port of the HTTP router, where there is one
 * @param exitCode of the main process, once it has ended by itself; 128+n for a signal n
 * @param reason why it is stopped, where it is
 * @param secrets names of the secrets that it is given at each boot; {@code ["*"]} is all
 * @param memoryMb memory of its VM in MiB
 * @param diskMb size in MiB of the file system on its own disk
 * @param diskUsedBytes what its disk takes up on the host; absent while it has none
 * @param workspace as it was asked for, with symbolic links resolved
 * @param ephemeral it is deleted when the client that attached leaves
 * @param idle why it is awake or asleep, and when that changes
 * @param boot how its last boot went
 * @param ignored in the answer to a create that started a stored instance: fields of the request that differ from it
 */
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
        @Nullable Integer exitCode,
        @Nullable String reason,
        int memoryMb,
        int vcpus,
        int diskMb,
        @Nullable Long diskUsedBytes,
        @Nullable String workspace,
        boolean ephemeral,
        @Nullable IdleView idle,
        @Nullable BootView boot,
        @Nullable List<String> ignored) {
    public InstanceView {
        command = Absent.orEmpty(command);
        secrets = Absent.orEmpty(secrets);
        exposePorts = Absent.orEmpty(exposePorts);
        endpoints = Absent.orEmpty(endpoints);
    }
}
