package dev.aegisvm.daemon.router;

import module java.base;

/**
 * The hosts that a listener on the loopback takes itself for, with a port or without. A web page that lets its own name
 * resolve to 127.0.0.1 still sends that name as {@code Host}; one that sends requests to another site says by {@code
 * Origin} where it is from.
 */
public final class AllowedHosts {
    private static final String NAMES = "(?:localhost|127\\.0\\.0\\.1|\\[::1])(?::\\d{1,5})?";
    private static final Pattern HOST = Pattern.compile(NAMES);
    private static final Pattern ORIGIN = Pattern.compile("https?://" + NAMES);

    private AllowedHosts() {}

    /** Whether a header {@code Host} has one of them. */
    public static boolean allows(String host) {
        return HOST.matcher(host).matches();
    }

    /** Whether a page is from one of these hosts, on any port: a development server has one of its own. */
    static boolean allowsOrigin(String origin) {
        return ORIGIN.matcher(origin).matches();
    }
}
