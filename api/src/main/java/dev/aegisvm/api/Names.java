package dev.aegisvm.api;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What instances are called by. */
public final class Names {
    private Names() {}

    private static void check(Pattern shape, String value, String sentence, @Nullable String hint) {
        if (!shape.matcher(value).matches()) {
            throw ErrorCode.BAD_REQUEST.refusal(sentence, hint, null);
        }
    }

    /** The name that the daemon gives to an instance: {@code inst-…}, unique, never used again. */
    public record InstanceId(String value) {
        /** Every id begins so, and no handle does. */
        public static final String PREFIX = "inst-";

        private static final Pattern SHAPE = Pattern.compile("[a-z0-9-]{1,64}");

        /** @throws ApiException 400, when the value has another shape */
        public InstanceId {
            check(SHAPE, value, "an instance id matches " + SHAPE, null);
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** The name that a user gives to an instance, unique among all instances. */
    public record Handle(String value) {
        private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,62}");

        /** @throws ApiException 400, when the value has another shape or looks like an id */
        public Handle {
            check(
                    SHAPE,
                    value,
                    "a name matches " + SHAPE,
                    "use small letters, digits, '-', '_' and '.', 63 at most, a letter or digit first");
            if (value.startsWith(InstanceId.PREFIX)) {
                throw ErrorCode.BAD_REQUEST.refusal("a name does not start with 'inst-': ids do");
            }
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** What stands for {@code {id}} in a URL: the id of an instance or its handle. */
    public record InstanceRef(String value) {
        private static final Pattern SHAPE = Pattern.compile(InstanceId.SHAPE + "|" + Handle.SHAPE);

        /** @throws ApiException 400, when the value can be neither */
        public InstanceRef {
            check(
                    SHAPE,
                    value,
                    "neither an instance id (" + InstanceId.SHAPE + ") nor a name (" + Handle.SHAPE + ")",
                    null);
        }

        @Override
        public String toString() {
            return value;
        }
    }
}
