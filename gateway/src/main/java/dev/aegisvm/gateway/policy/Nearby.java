package dev.aegisvm.gateway.policy;

import module java.base;

/**
 * Which addresses are not of the world: those that no router of the internet carries or that a cloud answers itself, in
 * every way to write an IPv4 address as IPv6; those of this host; and what is on its networks. Asked when a decision
 * falls, since interfaces come and go.
 */
public final class Nearby {
    /**
     * What an address is.
     *
     * @param words as in "a private address"
     * @param exact whether a rule has to name it alone, as for all that leads to this host or answers in its name
     */
    public record Kind(String words, boolean exact, List<Cidr> ranges) {
        /** One whose ranges have a space between them. */
        public static Kind of(String words, boolean exact, String ranges) {
            return new Kind(
                    words, exact, Stream.of(ranges.split(" ")).map(Cidr::parse).toList());
        }

        /** Whether a match that leads there is enough. */
        boolean isOpenedBy(Rule.Match match) {
            return match instanceof Rule.Range(Cidr addresses, int _) && (!exact || addresses.isOne());
        }
    }

    /** The first that matches says it. */
    private static final List<Kind> KINDS = List.of(
            Kind.of(
                    "a metadata address",
                    true,
                    "169.254.169.254 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd20:ce::254"),
            Kind.of("a loopback address", true, "127.0.0.0/8 ::1"),
            Kind.of("a link-local address", true, "169.254.0.0/16 fe80::/10"),
            Kind.of("an unspecified address", true, "0.0.0.0/8 ::"),
            Kind.of("a private address", false, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fec0::/10 fc00::/7"),
            Kind.of("a carrier's shared address", false, "100.64.0.0/10"),
            Kind.of("a multicast address", false, "224.0.0.0/4 ff00::/8"),
            Kind.of("a Teredo address", false, "2001::/32"),
            Kind.of("a benchmark address", false, "198.18.0.0/15 2001:2::/48"),
            Kind.of(
                    "a documentation address",
                    false,
                    "192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20"),
            Kind.of("a reserved address", false, "192.0.0.0/24 192.88.99.0/24 240.0.0.0/4 2001::/23"));

    private static final Cidr WORLD_V6 = Cidr.parse("2000::/3");
    /** A host in a network without IPv4 reaches the world so. */
    private static final Cidr TRANSLATED = Cidr.parse("64:ff9b::/96");
    /** What has an IPv4 address in it, and from which byte on. */
    private static final Map<Cidr, Integer> EMBEDDING =
            Map.of(TRANSLATED, 12, Cidr.parse("2002::/16"), 2, Cidr.parse("::/96"), 12);

    private static final int ONE = 128;
    private static final Duration FRESH = Duration.ofSeconds(2);

    /** @param kinds those of the host itself, all others, and those of its networks */
    private record Asked(List<Kind> kinds, long nanos) {}

    private final Supplier<? extends Collection<Kind>> host;
    private volatile Asked asked;

    /** @param host gives what its own addresses and those of its networks are now */
    public Nearby(Supplier<? extends Collection<Kind>> host) {
        this.host = host;
        this.asked = ask();
    }

    /** That of this host; {@code gateways} gives those of its routes. */
    public static Nearby ofThisHost(Supplier<List<InetAddress>> gateways) {
        return new Nearby(() -> ofInterfaces(gateways.get()));
    }

    private Asked ask() {
        Map<Boolean, List<Kind>> own = host.get().stream().collect(Collectors.partitioningBy(Kind::exact));
        List<Kind> kinds = Stream.of(own.get(true), KINDS, own.get(false))
                .flatMap(List::stream)
                .toList();
        return new Asked(kinds, System.nanoTime());
    }

    private static List<Kind> ofInterfaces(List<InetAddress> gateways) {
        try {
            List<InterfaceAddress> all = NetworkInterface.networkInterfaces()
                    .flatMap(each -> each.getInterfaceAddresses().stream())
                    .toList();
            List<Cidr> own =
                    all.stream().map(each -> new Cidr(each.getAddress(), ONE)).toList();
            List<Cidr> networks = all.stream()
                    .map(each -> new Cidr(each.getAddress(), each.getNetworkPrefixLength()))
                    .toList();
            return List.of(
                    new Kind("an address of this host", true, own),
                    new Kind("an address in this host's local network", false, networks),
                    new Kind(
                            "a gateway of this host",
                            false,
                            gateways.stream().map(each -> new Cidr(each, ONE)).toList()));
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /** What an address is; nothing for one of the world. */
    Optional<Kind> kind(InetAddress address) {
        InetAddress plain = plain(address);
        boolean world = address instanceof Inet4Address || WORLD_V6.contains(address) || TRANSLATED.contains(address);
        return kinds().stream()
                .filter(kind ->
                        kind.ranges().stream().anyMatch(range -> range.contains(address) || range.contains(plain)))
                .findFirst()
                .or(() -> Optional.of(KINDS.getLast()).filter(reserved -> !world));
    }

    /** Whether a rule with this match opens this host, or what answers in its name. */
    public boolean isTheHost(Rule.Match match) {
        return match instanceof Rule.TheHost
                || (match instanceof Rule.Range(Cidr addresses, int _)
                        && addresses.isOne()
                        && kind(addresses.first()).filter(Kind::exact).isPresent());
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

    private List<Kind> kinds() {
        Asked latest = asked;
        if (System.nanoTime() - latest.nanos() > FRESH.toNanos()) {
            latest = ask();
            asked = latest;
        }
        return latest.kinds();
    }
}
