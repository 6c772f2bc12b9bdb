package dev.aegisvm.api;

import java.util.regex.Pattern;

/** What instances are called by. */
public final class Names {
    private Names() {}

    /** The name that the daemon gives to an instance: {@code inst-…}, unique, never used again. */
    public record InstanceId(String value) {
        /** Every id begins so, and no handle does. */
        public static final String PREFIX = "inst-";

        private static final Pattern SHAPE = Pattern.compile("[a-z0-9-]{1,64}");

        /**
         * Checks the shape.
         *
         * @throws ApiException 400, when the value has another shape
         */
        public InstanceId {
            if (!SHAPE.matcher(value).matches()) {
                throw new ApiException(ErrorCode.BAD_REQUEST, "an instance id matches [a-z0-9-]{1,64}");
            }
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** The name that a user gives to an instance, unique among all instances. */
    public record Handle(String value) {
        private static final Pattern SHAPE = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,62}");

        /**
         * Checks the shape.
         *
         * @throws ApiException 400, when the value has another shape or looks like an id
         */
        public Handle {
            if (!SHAPE.matcher(value).matches()) {
                throw new ApiException(
                        ErrorCode.BAD_REQUEST,
                        "a handle matches [a-z0-9][a-z0-9_.-]{0,62}",
                        "use small letters, digits, '-', '_' and '.', 63 at most, a letter or digit first");
            }
            if (value.startsWith(InstanceId.PREFIX)) {
                throw new ApiException(ErrorCode.BAD_REQUEST, "a handle does not start with 'inst-': ids do");
            }
        }

        @Override
        public String toString() {
            return value;
        }
    }

    /** What stands for {@code {id}} in a URL: the id of an instance or its handle. */
    public record InstanceRef(String value) {
        private static final Pattern SHAPE = Pattern.compile("[a-z0-9-]{1,64}|[a-z0-9][a-z0-9_.-]{0,62}");

        /**
         * Checks the shape.
         *
         * @throws ApiException 400, when the value can be neither
         */
        public InstanceRef {
            if (!SHAPE.matcher(value).matches()) {
                throw new ApiException(
                        ErrorCode.BAD_REQUEST,
                        "neither an instance id ([a-z0-9-]{1,64}) nor a handle ([a-z0-9][a-z0-9_.-]{0,62})");
            }
        }

        @Override
        public String toString() {
            return value;
        }
    }
}
