package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** What the guest of an instance may reach, how that changes, and what it reached. */
public final class NetworkViews {
    private NetworkViews() {}

    /**
     * What a guest may reach.
     *
     * @param mode {@code none}, {@code public}, {@code allow} or {@code open}
     * @param allow rules that let a connection pass
     */
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

    /**
     * The body of {@link Routes#CHANGE_NETWORK}: rules that are added and removed. New connections follow them at once.
     */
    @Json(naming = Json.Naming.LowerUnderscore)
    @RecordBuilder
    public record ChangeNetwork(
            List<String> allow,
            List<String> deny,
            List<String> remove,
            @Nullable String policy,
            @Nullable Boolean now,
            @Nullable List<Integer> hostPorts) {
        @SuppressWarnings("ConstantValue")
        public ChangeNetwork {
            allow = Absent.orEmpty(allow);
            deny = Absent.orEmpty(deny);
            remove = Absent.orEmpty(remove);
        }
    }

    /** The body of {@link Routes#TEST_NETWORK}: a URL, {@code HOST:PORT} or {@code HOST}, which stands for port 443. */
    @Json
    public record NetworkTarget(@Nullable String target) {}

    /** What would become of a connection. */
    @Json
    public record VerdictView(String target, boolean allowed, String rule, String reason) {}

    /** The answer to {@link Routes#SUGGEST_NETWORK}: few options such as {@code --allow api.example.com:443}. */
    @Json
    public record SuggestionView(List<String> flags) {
        public SuggestionView {
            flags = Absent.orEmpty(flags);
        }
    }
}
