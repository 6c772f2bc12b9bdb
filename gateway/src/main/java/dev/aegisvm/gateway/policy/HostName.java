package dev.aegisvm.gateway.policy;

import module java.base;

/** Names of hosts in the one form that is compared: small ASCII letters, no dot at the end. */
public final class HostName {
    private static final int LONGEST = 253;
    private static final Pattern SHAPE =
            Pattern.compile("(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?");
    /** Programs take what ends so for an address, in notations without number. */
    private static final Pattern ENDS_LIKE_AN_ADDRESS = Pattern.compile("(?:.*\\.)?(?:\\d+|0x[0-9a-f]*)");

    private HostName() {}

    /** Nothing where it can be no host's name, or looks like an address. */
    public static Optional<String> normal(String text) {
        return Optional.of(text.endsWith(".") ? text.substring(0, text.length() - 1) : text)
                .filter(name -> name.length() <= LONGEST)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .filter(name -> SHAPE.matcher(name).matches())
                .filter(name -> !ENDS_LIKE_AN_ADDRESS.matcher(name).matches());
    }

    /** Where letters of other scripts are possible, as users write names. */
    static Optional<String> international(String text) {
        try {
            return text.length() > LONGEST ? Optional.empty() : normal(IDN.toASCII(text));
        } catch (IllegalArgumentException noName) {
            return Optional.empty();
        }
    }
}
