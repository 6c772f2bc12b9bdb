package dev.aegisvm.gateway.policy;

import module java.base;

/** What passes where no rule says anything: from the strictest on. */
public enum Mode {
    NONE,
    /** Nothing; rules alone let something pass. */
    ALLOW,
    /** The world, and nothing that is near: no address that is not a public one, and none of the host's own. */
    PUBLIC,
    OPEN;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Throws a PolicyException when it is none of them. */
    public static Mode parse(String word) {
        return Arrays.stream(values())
                .filter(mode -> mode.word().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        new PolicyException("the network must be none, public, allow or open, not '" + word + "'"));
    }
}
