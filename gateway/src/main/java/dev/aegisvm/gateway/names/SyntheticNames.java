package dev.aegisvm.gateway.names;

import module java.base;
import dev.aegisvm.gateway.policy.Addresses;

/**
 * The addresses that the guest of one boot sees in place of real ones: each name has one of each family, so that a
 * connection says which name it means. None is used again during that boot. For all threads.
 */
public final class SyntheticNames {
    /** Of names in one boot. */
    static final int MOST = 10_000;

    /** 198.18.0.0/15, of which the guest itself has the first four. */
    private static final int FIRST_V4 = 0xc612_0000;

    private static final int OF_THE_GUEST = 4;
    private static final int ADDRESSES = (1 << 17) - OF_THE_GUEST;
    /** A unique local range of ours: the last four bytes are the IPv4 address. */
    private static final byte[] PREFIX_V6 = {(byte) 0xfd, 'a', 'e', 'g', 'i', 's', 0, 0, 0, 0, 0, 0};

    public record Pair(InetAddress v4, InetAddress v6) {
        private static Pair of(int v4) {
            byte[] last = ByteBuffer.allocate(4).putInt(v4).array();
            byte[] all = ByteBuffer.allocate(16).put(PREFIX_V6).put(last).array();
            return new Pair(Addresses.of(last), Addresses.of(all));
        }
    }

    private final Map<String, Integer> addresses = new LinkedHashMap<>();
    private final Map<Integer, String> names = new HashMap<>();

    /**
     * The addresses of a name, the same each time; nothing when there are too many names. They begin where the name's
     * letters say, so that those that a program still knows from before a restart mostly mean the same.
     */
    public synchronized Optional<Pair> of(String name) {
        Integer known = addresses.get(name);
        if (known != null) {
            return Optional.of(Pair.of(known));
        }
        if (addresses.size() == MOST) {
            return Optional.empty();
        }
        int place = Math.floorMod(name.hashCode(), ADDRESSES);
        while (names.containsKey(address(place))) {
            place = (place + 1) % ADDRESSES;
        }
        addresses.put(name, address(place));
        names.put(address(place), name);
        return Optional.of(Pair.of(address(place)));
    }

    /** All that have addresses, in an order in which others would get the same ones. */
    public synchronized List<String> known() {
        return List.copyOf(addresses.keySet());
    }

    private static int address(int place) {
        return FIRST_V4 + OF_THE_GUEST + place;
    }

    public synchronized Optional<String> nameOf(InetAddress address) {
        byte[] bytes = address.getAddress();
        return isSynthetic(address)
                ? Optional.ofNullable(names.get(ByteBuffer.wrap(bytes).getInt(bytes.length - 4)))
                : Optional.empty();
    }

    /** Whether it is of a range that only we give addresses from. */
    public static boolean isSynthetic(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 4
                ? ByteBuffer.wrap(bytes).getInt() >>> 17 == FIRST_V4 >>> 17
                : Arrays.equals(bytes, 0, PREFIX_V6.length, PREFIX_V6, 0, PREFIX_V6.length);
    }
}
