package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/instances}; {@code openapi.yaml} describes its fields. Where it starts a stored instance,
 * what is given replaces what that one had, and so does a list or an object that is given and empty.
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record CreateInstance(
        List<String> command,
        @Nullable String handle,
        @Nullable String imageRef,
        @Nullable String workspace,
        @Nullable List<String> volumes,
        @Nullable Map<String, String> env,
        @Nullable String cwd,
        @Nullable String user,
        @Nullable Long timeoutMs,
        @Nullable List<String> secrets,
        @Nullable List<PortMapping> exposes,
        @Nullable String network,
        @Nullable List<String> allow,
        @Nullable List<String> deny,
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
        @Nullable Map<String, String> labels,
        @Nullable Boolean autoRemove,
        @Nullable TerminalSize tty)
        implements CreateInstanceBuilder.With {

    @SuppressWarnings("ConstantValue")
    public CreateInstance {
        command = Absent.orEmpty(command);
        volumes = volumes == null ? null : Absent.orEmpty(volumes);
        env = env == null ? null : Absent.orEmpty(env);
        labels = labels == null ? null : Absent.orEmpty(labels);
        secrets = secrets == null ? null : Absent.orEmpty(secrets);
        exposes = exposes == null ? null : Absent.orEmpty(exposes);
        allow = allow == null ? null : Absent.orEmpty(allow);
        deny = deny == null ? null : Absent.orEmpty(deny);
    }

    public static CreateInstance of(List<String> command) {
        return CreateInstanceBuilder.builder().command(command).build();
    }
}
