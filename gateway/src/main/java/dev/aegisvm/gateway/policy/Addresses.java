package dev.aegisvm.gateway.policy;

import module java.base;

/** Addresses in the one notation that we read, and as we write them. Nothing here asks a resolver. */
public final class Addresses {
    private static final String OCTET = "(?:0|[1-9]\\d?|1\\d\\d|2[0-4]\\d|25[0-5])";
    private static final Pattern V4 = Pattern.compile(OCTET + "(?:\\." + OCTET + "){3}");
    private static final Pattern V6 = Pattern.compile("[0-9a-fA-F:]{2,39}|[0-9a-fA-F:]{1,30}:" + V4);
    private static final Pattern ZEROS = Pattern.compile("(?:^|:)(?:0(?::|$)){2,}");

    private Addresses() {}

    /**
     * Four decimal numbers, or IPv6 without a zone; nothing where it is anything else, such as {@code 127.1} or
     * {@code 0x7f.0.0.1}. An IPv4 address that is written as IPv6 ({@code ::ffff:a.b.c.d}) is the IPv4 address.
     */
    public static Optional<InetAddress> parse(String text) {
        boolean v6 = text.indexOf(':') >= 0;
        if (!(v6 ? V6 : V4).matcher(text).matches()) {
            return Optional.empty();
        }
        try {
            return Optional.of(InetAddress.ofLiteral(text));
        } catch (IllegalArgumentException noAddress) {
            return Optional.empty();
        }
    }

    /** Without a zone, and with the first run of zeros left out. */
    public static String text(InetAddress address) {
        String text = of(address.getAddress()).getHostAddress();
        return address instanceof Inet4Address ? text : ZEROS.matcher(text).replaceFirst("::");
    }

    public static String text(InetAddress address, int port) {
        return address instanceof Inet4Address ? text(address) + ":" + port : "[" + text(address) + "]:" + port;
    }

    public static InetAddress of(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException length) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length, length);
        }
    }
}
