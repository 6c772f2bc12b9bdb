package dev.aegisvm.api;

import java.util.regex.Pattern;

/** The name of a secret, which is the name of the variable that it becomes in a guest. */
public record SecretName(String value) {
    /** In a create: every secret that there is at each boot. */
    public static final String ALL = "*";

    private static final Pattern SHAPE = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,127}");

    /**
     * Checks the shape.
     *
     * @throws ApiException 400, when the value cannot be the name of a variable; the value is not repeated, since it may be
     *     the secret itself in the wrong place
     */
    public SecretName {
        if (!isOne(value)) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "that cannot be the name of a secret: it matches [A-Za-z_][A-Za-z0-9_.-]{0,127}",
                    "use letters, digits and '_', such as API_KEY");
        }
    }

    /** Whether a text can be the name of a secret. */
    public static boolean isOne(String text) {
        return SHAPE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return value;
    }
}
