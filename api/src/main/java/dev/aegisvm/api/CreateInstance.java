package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * The body of {@code POST /v1/instances}; {@code openapi.yaml} describes its fields. Where it starts a stored instance,
 * what is given replaces what that one had.
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
