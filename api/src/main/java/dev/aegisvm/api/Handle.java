package dev.aegisvm.api;

import java.util.regex.Pattern;

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
