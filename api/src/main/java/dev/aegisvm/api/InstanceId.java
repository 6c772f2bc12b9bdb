package dev.aegisvm.api;

import java.util.regex.Pattern;

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
