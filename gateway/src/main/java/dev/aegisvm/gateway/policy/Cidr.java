package dev.aegisvm.gateway.policy;

import module java.base;

/**
 * A range of addresses of one family, or one address.
 *
 * @param bits how many bits of {@code first} all of them have: 0..32 or 0..128
 */
public record Cidr(InetAddress first, int bits) {
    private static final Pattern SHAPE = Pattern.compile("([^/]+)(?:/(0|[1-9]\\d{0,2}))?");

    /** @param first bits beyond {@code bits} are cleared; too large {@code bits} mean the address alone */
    public Cidr {
        bits = Math.min(bits, 8 * first.getAddress().length);
        first = masked(first, bits);
    }

    /** Reads {@code 10.0.0.0/8}, {@code fd00::/8}, or an address alone; refuses one with bits beyond the range. */
    public static Cidr parse(String text) {
        Matcher parts = SHAPE.matcher(text);
        Optional<InetAddress> address = parts.matches() ? Addresses.parse(parts.group(1)) : Optional.empty();
        if (address.isEmpty()) {
            throw new PolicyException(
                    "'" + text + "' is not a valid address or range: write 10.1.2.3, 10.0.0.0/8 or fd00::/8");
        }
        int most = 8 * address.get().getAddress().length;
        int bits = parts.group(2) == null ? most : Integer.parseInt(parts.group(2));
        if (bits > most) {
            throw new PolicyException("'" + text + "': the prefix length must be /0 to /" + most);
        }
        Cidr range = new Cidr(address.get(), bits);
        if (!range.first.equals(address.get())) {
            throw new PolicyException("'" + text + "' is not the start of a range: write " + range);
        }
        return range;
    }

    boolean isOne() {
        return bits == 8 * first.getAddress().length;
    }

    public boolean contains(InetAddress address) {
        return address.getAddress().length == first.getAddress().length
                && masked(address, bits).equals(first);
    }

    private static InetAddress masked(InetAddress address, int bits) {
        byte[] bytes = address.getAddress();
        for (int i = 0; i < bytes.length; i++) {
            int kept = Math.clamp(bits - 8L * i, 0, 8);
            bytes[i] &= (byte) (0xff << (8 - kept));
        }
        return Addresses.of(bytes);
    }

    @Override
    public String toString() {
        return Addresses.text(first) + (isOne() ? "" : "/" + bits);
    }
}
