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

    public CreateInstance {
        command = Absent.orEmpty(command);
        // Clients up to 0.2.0 give all of these, empty where their user asked for nothing.
        boolean all =
                Stream.of(volumes, env, labels, secrets, exposes, allow, deny).allMatch(Objects::nonNull);
        volumes = given(volumes, all);
        env = given(env, all);
        labels = given(labels, all);
        secrets = given(secrets, all);
        exposes = given(exposes, all);
        allow = given(allow, all);
        deny = given(deny, all);
    }

    private static <T> @Nullable List<T> given(@Nullable List<T> list, boolean all) {
        return list == null || (all && list.isEmpty()) ? null : Absent.orEmpty(list);
    }

    private static @Nullable Map<String, String> given(@Nullable Map<String, String> map, boolean all) {
        return map == null || (all && map.isEmpty()) ? null : Absent.orEmpty(map);
    }

    public static CreateInstance of(List<String> command) {
        return CreateInstanceBuilder.builder().command(command).build();
    }
}
