package dev.aegisvm.daemon.router;

import module java.base;

/**
 * The hosts that a listener on the loopback takes itself for. A web page that lets its own name resolve to 127.0.0.1
 * still sends that name as {@code Host}; one that sends requests to another site says by {@code Origin} where it is
 * from.
 *
 * @param names without a port; addresses of IPv6 in brackets
 */
public record AllowedHosts(Set<String> names) {
    public static final AllowedHosts LOOPBACK = new AllowedHosts(Set.of("localhost", "127.0.0.1", "[::1]"));

    private static final Pattern HOST = Pattern.compile("(\\[[^]]*]|[^:]*)(:\\d{1,5})?");
    private static final Pattern ORIGIN = Pattern.compile("https?://(.*)");

    /** Whether a header {@code Host} has one of them, with a port or without. */
    public boolean allows(String host) {
        Matcher parts = HOST.matcher(host);
        return parts.matches() && names.contains(parts.group(1));
    }

    /** Whether a page is from one of these hosts, on any port: a development server has one of its own. */
    public boolean allowsOrigin(String origin) {
        Matcher parts = ORIGIN.matcher(origin);
        return parts.matches() && allows(parts.group(1));
    }
}
