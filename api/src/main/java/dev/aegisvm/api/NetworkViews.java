package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** What the guest of an instance may reach, and how that changes. {@code openapi.yaml} describes the fields. */
public final class NetworkViews {
    private NetworkViews() {}

    @Json
    @RecordBuilder
    public record EgressView(
            String mode,
            List<String> allow,
            List<String> deny,
            @Nullable String rate,
            List<String> refused,
            int connections) {
        public EgressView {
            allow = Absent.orEmpty(allow);
            deny = Absent.orEmpty(deny);
            refused = Absent.orEmpty(refused);
        }
    }

    @Json(naming = Json.Naming.LowerUnderscore)
    @RecordBuilder
    public record ChangeNetwork(
            List<String> allow,
            List<String> deny,
            List<String> remove,
            @Nullable String policy,
            @Nullable Boolean now,
            @Nullable List<Integer> hostPorts) {
        public ChangeNetwork {
            allow = Absent.orEmpty(allow);
            deny = Absent.orEmpty(deny);
            remove = Absent.orEmpty(remove);
        }
    }

    @Json
    public record NetworkTarget(@Nullable String target) {}

    @Json
    public record VerdictView(String target, boolean allowed, String rule, String reason) {}

    @Json
    public record SuggestionView(List<String> flags) {}
}
