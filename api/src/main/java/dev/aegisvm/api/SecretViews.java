package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import org.jspecify.annotations.Nullable;

/** Secrets: their names, and the values that only go in. */
public final class SecretViews {
    private SecretViews() {}

    /** The name of a secret, which is the name of the variable that it becomes in a guest. */
    public record SecretName(String value) {
        /** In a create: every secret that there is at each boot. */
        public static final String ALL = "*";

        private static final Pattern SHAPE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");

        /** @throws ApiException 400, when it cannot be a variable's name; not repeated: it may be the secret itself */
        public SecretName {
            if (!isOne(value)) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "invalid secret name: it must match [A-Za-z_][A-Za-z0-9_.-]{0,127}",
                        "use letters, digits and '_', such as API_KEY");
            }
        }

        public static boolean isOne(String text) {
            return SHAPE.matcher(text).matches();
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** The body of {@code PUT /v1/secrets/{name}}: 1 to {@value #MAX_BYTES} bytes in UTF-8, without a NUL character. */
    @Json
    public record SecretValue(@Nullable String value) {
        /** Half of what Linux takes as one variable with its name (MAX_ARG_STRLEN, 128 KiB). */
        public static final int MAX_BYTES = 64 * 1024;

        /** Says nothing of the value, so that it gets into no log. */
        @Override
        public String toString() {
            return "SecretValue[…]";
        }
    }

    /** All that clients learn of a secret. */
    @Json(naming = Json.Naming.LowerUnderscore)
    public record SecretView(String name, Instant createdAt) {}
}
