package dev.aegisvm.api;

import java.util.regex.Pattern;

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
