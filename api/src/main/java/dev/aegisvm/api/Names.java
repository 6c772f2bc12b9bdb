package dev.aegisvm.api;

import java.util.regex.Pattern;

/** What instances are called by. */
public final class Names {
    /** Every id begins so, and no handle does. */
    public static final String ID_PREFIX = "inst-";

    /** Of the name that the daemon gives to an instance: unique, never used again. */
    private static final Pattern ID = Pattern.compile("[a-z0-9-]{1,64}");

    private static final Pattern HANDLE = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,62}");

    private Names() {}

    /**
     * The name that a user gives to an instance, unique among all instances.
     *
     * @throws ApiException 400, when the value has another shape or looks like an id
     */
    public static String handle(String value) {
        if (!HANDLE.matcher(value).matches()) {
            throw ErrorCode.BAD_REQUEST.refusal(
                    "a name matches " + HANDLE,
                    "use small letters, digits, '-', '_' and '.', 63 at most, a letter or digit first");
        }
        if (value.startsWith(ID_PREFIX)) {
            throw ErrorCode.BAD_REQUEST.refusal("a name does not start with 'inst-': ids do");
        }
        return value;
    }

    /** What stands for {@code {id}} in a URL: the id of an instance or its handle. */
    public record InstanceRef(String value) {
        /** @throws ApiException 400, when the value can be neither */
        public InstanceRef {
            if (!ID.matcher(value).matches() && !HANDLE.matcher(value).matches()) {
                throw ErrorCode.BAD_REQUEST.refusal("neither an instance id (" + ID + ") nor a name (" + HANDLE + ")");
            }
        }

        @Override
        public String toString() {
            return value;
        }
    }
}
