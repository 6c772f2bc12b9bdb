package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.api.NetworkViews.EgressView;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * An instance as clients see it.
 *
 * @param enabled false: only an explicit start boots it
 * @param activeConnections open connections to its exposed ports
 * @param exposePorts the guest's ports that are exposed
 * @param routerAddr host and port of the HTTP router, where there is one
 * @param network what its guest may reach; absent: a daemon that does not tell
 * @param exitCode of the main process, once it has ended by itself; 128+n for a signal n
 * @param reason why it is stopped, where it is
 * @param secrets names of the secrets that it is given at each boot; {@code ["*"]} is all. {@code KEY@HOST} for those
 *     that it uses without having them
 * @param memoryMb memory of its VM in MiB
 * @param diskMb size in MiB of the file system on its own disk
 * @param diskUsedBytes what its disk takes up on the host; absent while it has none
 * @param workspace as it was asked for, with symbolic links resolved
 * @param volumes further directories of the host, {@code WHERE:GUEST[:ro]}
 * @param cwd working directory of its processes, where one was asked for
 * @param user who its processes run as, where that was asked for
 * @param timeoutMs how long its main process may run
 * @param ephemeral it is deleted when the client that attached leaves
 * @param autoRemove it is deleted when its main process has ended, or was stopped
 * @param expiresAt when it is deleted, whatever it does
 * @param idle why it is awake or asleep, and when that changes
 * @param boot how its last boot went
 */
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

    /** A guest's port and the host's port for it; unbound while the instance is disabled or another program has it. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record Endpoint(int guestPort, int publicPort, String protocol, boolean bound) {}

    /**
     * How an instance stands with its idle timers.
     *
     * @param activity in one sentence, why it is awake, or since when and why it is asleep
     * @param pause how long it may be idle before it is paused: {@code 60s}, {@code never}
     * @param stop how long after that pause it is stopped; how long it may be idle before, where it is never paused
     * @param keepaliveUntil until when a keepalive holds it awake
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record IdleView(
            String activity,
            String pause,
            String stop,
            @Nullable Instant keepaliveUntil) {}

    /**
     * How the last boot went.
     *
     * @param mode {@code spare}, {@code template}, {@code template-bare}, {@code snapshot} or {@code cold}
     * @param totalMs milliseconds from the request to the started main process, by the daemon's clock; absent until
     *     then
     * @param stages milliseconds of each stage, in order
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record BootView(String mode, @Nullable Double totalMs, Map<String, Double> stages) {
        public BootView {
            stages = Absent.orEmpty(stages);
        }
    }
}
