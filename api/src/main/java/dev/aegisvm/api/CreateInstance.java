package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/instances}. Where it starts a stored instance, what is given replaces what that one had.
 *
 * @param command the main process and its arguments
 * @param handle the user's name for the instance
 * @param imageRef the image of its root file system; absent: the base image
 * @param workspace a workspace's name or the absolute path of a directory of the host; read-only with {@code :ro} behind it
 * @param volumes further directories, {@code WHERE:GUEST[:ro]}: WHERE as for the workspace, GUEST an absolute path of the guest
 * @param env environment of the main process and of every exec
 * @param cwd absolute working directory of the main process, and of execs that name none; absent: the image's, or the usual one
 * @param user who the main process runs as, and execs that name nobody: {@code name}, {@code uid}, {@code name:group} or {@code
 *     uid:gid} of the guest; absent: the image's, or root
 * @param timeoutMs so long after its start, the main process is killed with all that it started; its exit code is then {@value
 *     ExecRequest#TIMED_OUT}
 * @param secrets names of secrets to inject; {@code ["*"]} is all. {@code KEY@HOST[:PORT][,HOST…]} gives it a placeholder, in whose
 *     place the value is in headers of what it sends to these hosts by HTTPS
 * @param network what its guest may reach: {@code none}, {@code public}, {@code allow} or {@code open}; absent: {@code allow}
 *     where rules are allowed, else the configured default
 * @param allow rules of what its guest may reach beside what {@code network} says, such as {@code api.example.com}
 * @param deny rules of what it may not reach, whatever allows it
 * @param policy the text of a policy file: in TOML, {@code network}, {@code allow} and {@code deny}; what the fields of these names
 *     say is added to it
 * @param hostPorts ports of this host that these rules may open, to its loopback or another address of it; absent: all
 * @param networkRate bytes a second that its connections move each way, {@code 10M} or {@code none}, the default
 * @param trustHostCas its programs trust the certificate authorities that this host's administrator has added
 * @param memoryMb memory of the VM in MiB, one of 256, 512, 1024, 2048, …; absent: the configured default
 * @param vcpus virtual CPUs, 1..16; absent: the configured default
 * @param diskMb size in MiB of the file system on the instance's own disk; absent: the configured default
 * @param ephemeral the main process starts when a client attaches, and the instance is deleted when that client leaves
 * @param idlePause how long it may be idle before it is paused, {@code 90s} or {@code never}; absent: the configured default
 *     when a port is exposed, else never
 * @param idleStop how long after that pause it is stopped; as for idlePause
 * @param ttl so long after this request the instance is deleted, whatever it does: {@code 30m}, or {@code never}, the default
 * @param labels what the client wants to remember with it, and to find it by
 * @param autoRemove it is deleted when its main process has ended, or was stopped, and at the next start of the daemon
 * @param tty gives the main process of an ephemeral instance a terminal of this size
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record CreateInstance(
        List<String> command,
        @Nullable String handle,
        @Nullable String imageRef,
        @Nullable String workspace,
        List<String> volumes,
        Map<String, String> env,
        @Nullable String cwd,
        @Nullable String user,
        @Nullable Long timeoutMs,
        List<String> secrets,
        List<PortMapping> exposes,
        @Nullable String network,
        List<String> allow,
        List<String> deny,
        @Nullable String policy,
        @Nullable List<Integer> hostPorts,
        @Nullable String networkRate,
        @Nullable Boolean trustHostCas,
        @Nullable Integer memoryMb,
        @Nullable Integer vcpus,
        @Nullable Integer diskMb,
        @Nullable Boolean ephemeral,
        @Nullable String idlePause,
        @Nullable String idleStop,
        @Nullable String ttl,
        Map<String, String> labels,
        @Nullable Boolean autoRemove,
        @Nullable TerminalSize tty)
        implements CreateInstanceBuilder.With {

    @SuppressWarnings("ConstantValue")
    public CreateInstance {
        command = Absent.orEmpty(command);
        volumes = Absent.orEmpty(volumes);
        env = Absent.orEmpty(env);
        labels = Absent.orEmpty(labels);
        secrets = Absent.orEmpty(secrets);
        exposes = Absent.orEmpty(exposes);
        allow = Absent.orEmpty(allow);
        deny = Absent.orEmpty(deny);
    }

    public static CreateInstance of(List<String> command) {
        return CreateInstanceBuilder.builder().command(command).build();
    }
}
