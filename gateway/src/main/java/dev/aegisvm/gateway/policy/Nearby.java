package dev.aegisvm.gateway.policy;

import module java.base;

/**
 * Which addresses are not of the world: those that no router of the internet carries or that a cloud answers itself, in every
 * way to write an IPv4 address as IPv6, and those of this host. Asked when a decision falls, since interfaces come and go.
 */
public final class Nearby {
    private record Kind(String words, List<Cidr> ranges) {
        /** @param ranges with a space between them */
        static Kind of(String words, String ranges) {
            return new Kind(words, Stream.of(ranges.split(" ")).map(Cidr::parse).toList());
        }
    }

    /** The first that matches says it. */
    private static final List<Kind> KINDS = List.of(
            Kind.of(
                    "a metadata address",
                    "169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd20:ce::254"),
            Kind.of("a private address", "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fec0::/10 fc00::/7"),
            Kind.of("a carrier's shared address", "100.64.0.0/10"),
            Kind.of("a loopback address", "127.0.0.0/8 ::1"),
            Kind.of("a link-local address", "169.254.0.0/16 fe80::/10"),
            Kind.of("a multicast address", "224.0.0.0/4 ff00::/8"),
            Kind.of("a Teredo address", "2001::/32"),
            Kind.of("a benchmark address", "198.18.0.0/15 2001:2::/48"),
            Kind.of("a documentation address", "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
            Kind.of("a reserved address", "0.0.0.0/8 192.0.0.0/24 192.88.99.0/24 240.0.0.0/4 2001::/23"));

    private static final Cidr WORLD_V6 = Cidr.parse("2000::/3");
    /** What has an IPv4 address in it, and from which byte on. */
    private static final Map<Cidr, Integer> EMBEDDING =
            Map.of(Cidr.parse("64:ff9b::/96"), 12, Cidr.parse("2002::/16"), 2, Cidr.parse("::/96"), 12);

    private static final Duration FRESH = Duration.ofSeconds(2);

    private record Asked(Set<InetAddress> addresses, long nanos) {}

    private final Supplier<Set<InetAddress>> interfaces;
    private volatile Asked asked;

    /**
     * Of a host.
     *
     * @param interfaces gives the addresses that its own interfaces have now
     */
    public Nearby(Supplier<Set<InetAddress>> interfaces) {
        this.interfaces = interfaces;
        this.asked = new Asked(interfaces.get(), System.nanoTime());
    }

    public static Nearby ofThisHost() {
        return new Nearby(Nearby::ofInterfaces);
    }

    private static Set<InetAddress> ofInterfaces() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .map(address -> Addresses.of(address.getAddress()))
                    .collect(Collectors.toUnmodifiableSet());
        } catch (SocketException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /** Whether it is an address of the world, as far as its range says. */
    public static boolean isOfTheWorld(InetAddress address) {
        return ofKinds(address).isEmpty() && ofKinds(plain(address)).isEmpty();
    }

    /** What kind of address it is, as in "a private address"; nothing for one of the world. */
    Optional<String> kind(InetAddress address) {
        InetAddress plain = plain(address);
        if (own().contains(address) || own().contains(plain)) {
            return Optional.of("an address of this host");
        }
        return ofKinds(address).or(() -> ofKinds(plain));
    }

    private static Optional<String> ofKinds(InetAddress address) {
        for (Kind kind : KINDS) {
            if (kind.ranges().stream().anyMatch(range -> range.contains(address))) {
                return Optional.of(kind.words());
            }
        }
        boolean world = address instanceof Inet4Address || WORLD_V6.contains(address) || translates(address);
        return world ? Optional.empty() : Optional.of("a reserved address");
    }

    /** A host in a network without IPv4 reaches the world so. */
    private static boolean translates(InetAddress address) {
        return !plain(address).equals(address) && address.getAddress()[0] == 0 && address.getAddress()[1] == 0x64;
    }

    /** The IPv4 address that an IPv6 one stands for; else the address itself. */
    static InetAddress plain(InetAddress address) {
        for (Map.Entry<Cidr, Integer> form : EMBEDDING.entrySet()) {
            if (form.getKey().contains(address)) {
                int from = form.getValue();
                return Addresses.of(Arrays.copyOfRange(address.getAddress(), from, from + 4));
            }
        }
        return address;
    }

    private Set<InetAddress> own() {
        Asked latest = asked;
        if (System.nanoTime() - latest.nanos() > FRESH.toNanos()) {
            latest = new Asked(interfaces.get(), System.nanoTime());
            asked = latest;
        }
        return latest.addresses();
    }
}
