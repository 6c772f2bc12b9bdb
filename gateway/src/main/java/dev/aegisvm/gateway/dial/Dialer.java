package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.gateway.limit.Limits;
import dev.aegisvm.gateway.names.*;
import dev.aegisvm.gateway.policy.*;
import org.xbill.DNS.Rcode;

/**
 * Connects a guest to where it wants to, if its policy lets it: to the name that a synthetic address stands for, or to
 * an address. A name is resolved here, each address that it leads to is judged, and one that passed is dialled, not the
 * name again. For all threads.
 *
 * @param policy gives the one that is in force
 * @param proxy through which the world is reached; empty for none
 */
public record Dialer(
        Supplier<Policy> policy,
        SyntheticNames names,
        Upstream upstream,
        Optional<Proxy> proxy,
        Limits limits,
        Consumer<AuditLine> audit) {
    private static final List<InetAddress> LOOPBACK =
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));

    private record Wish(
            Destination destination, InetAddress asked, Policy policy, Verdict verdict, AuditLineBuilder line) {}

    private record Link(SocketChannel channel, String address) {}

    /** Connects to an address as the guest says it, a literal, and a port; waits for that, for a bounded time. */
    public Dialled dial(String address, int port) throws InterruptedException {
        Optional<InetAddress> asked = Addresses.parse(address);
        if (asked.isEmpty() || !PortMapping.isPort(port)) {
            return new Dialled.Refused(new Refusal("not a valid address and port"));
        }
        if (!limits.takeConnection()) {
            return refused(
                    line(port).address(Addresses.text(asked.get())).rule(AuditLine.LIMIT),
                    "this instance has " + limits.connections() + " connections, the most allowed; close some of them");
        }
        boolean kept = false;
        try {
            Dialled dialled = limits.inTurn(() -> dial(asked.get(), port))
                    .orElseGet(() -> new Dialled.Refused(
                            new Refusal("this instance opens too many connections at once; try again in a moment")));
            kept = dialled instanceof Dialled.Opened || dialled instanceof Dialled.ToInstance;
            return dialled;
        } finally {
            if (!kept) {
                limits.giveConnection();
            }
        }
    }

    private Dialled dial(InetAddress asked, int port) {
        AuditLineBuilder line = line(port);
        Optional<Destination> destination = destination(asked, port);
        if (destination.isEmpty()) {
            String address = Addresses.text(asked);
            return refused(
                    line.address(address).rule(AuditLine.UNKNOWN),
                    address + " no longer belongs to a name; look up the name again");
        }
        describe(destination.get(), line);
        Policy inForce = policy.get();
        Verdict verdict = inForce.decide(destination.get());
        line.rule(verdict.rule());
        if (!verdict.allowed()) {
            return refused(line, verdict.sentence());
        }
        return open(new Wish(destination.get(), asked, inForce, verdict, line));
    }

    private Optional<Destination> destination(InetAddress asked, int port) {
        return SyntheticNames.isSynthetic(asked)
                ? names.nameOf(asked).flatMap(name -> Destination.ofName(name, port))
                : Optional.of(new Destination.Numeric(asked, port));
    }

    private static AuditLineBuilder line(int port) {
        return AuditLineBuilder.builder()
                .time(Instant.now())
                .kind(AuditLine.TCP)
                .port(port)
                .verdict(AuditLine.ALLOWED);
    }

    private static void describe(Destination destination, AuditLineBuilder line) {
        switch (destination) {
            case Destination.Named named -> line.name(named.name());
            case Destination.Numeric numeric -> line.address(Addresses.text(numeric.address()));
            case Destination.Sibling sibling -> line.name(sibling.instance() + ".aegis");
            case Destination.TheHost _ -> line.name("host.aegis");
            case Destination.Resolved _ -> throw new IllegalStateException("unexpected: " + destination);
        }
    }

    private Dialled.Refused refused(AuditLineBuilder line, String sentence) {
        audit.accept(line.verdict(AuditLine.REFUSED).reason(sentence).build());
        return new Dialled.Refused(new Refusal(sentence));
    }

    private Dialled open(Wish wish) {
        int port = wish.destination().port();
        try {
            return switch (wish.destination()) {
                case Destination.Sibling sibling -> new Dialled.ToInstance(sibling.instance(), port, passage(wish));
                case Destination.TheHost _ -> opened(wish, direct(LOOPBACK, port));
                case Destination.Numeric numeric -> opened(wish, numeric(numeric));
                case Destination.Named named -> named(wish, named);
                case Destination.Resolved _ -> throw new IllegalStateException("unexpected: " + wish.destination());
            };
        } catch (IOException obstacle) {
            String sentence = wish.destination().text() + " does not answer: " + obstacle.getMessage();
            audit.accept(wish.line().verdict(AuditLine.FAILED).reason(sentence).build());
            return new Dialled.Failed(sentence);
        }
    }

    private Link numeric(Destination.Numeric numeric) throws IOException {
        Optional<Proxy> serving = proxy.filter(known -> known.serves(numeric));
        String address = Addresses.text(numeric.address());
        return serving.isPresent()
                ? new Link(Connector.through(serving.get(), numeric.text()), address)
                : direct(List.of(numeric.address()), numeric.port());
    }

    private static Link direct(List<InetAddress> addresses, int port) throws IOException {
        SocketChannel channel = Connector.connect(addresses, port);
        return new Link(channel, Addresses.text(channel.socket().getInetAddress()));
    }

    /** A proxy that a rule sends a name to resolves it itself, and may know it better than we do. */
    private Dialled named(Wish wish, Destination.Named named) throws IOException {
        Upstream.Found found = upstream.addresses(named.name());
        Optional<Proxy> serving = proxy.filter(known -> known.serves(named));
        boolean trusted = serving.isPresent() && wish.verdict().byName();
        if (found.addresses().isEmpty() && !trusted) {
            throw new IOException(found.rcode() == Rcode.SERVFAIL ? "no DNS server answers" : "no such host name");
        }
        Map<InetAddress, Verdict> verdicts = new LinkedHashMap<>();
        for (InetAddress address : found.addresses()) {
            verdicts.put(address, wish.policy().decide(new Destination.Resolved(named.name(), address, named.port())));
        }
        List<InetAddress> passing = sorted(verdicts, wish.asked());
        if (passing.isEmpty() && !verdicts.isEmpty()) {
            InetAddress first = found.addresses().getFirst();
            Verdict verdict = Objects.requireNonNull(verdicts.get(first));
            return refused(wish.line().rule(verdict.rule()).address(Addresses.text(first)), verdict.sentence());
        }
        return opened(
                wish, serving.isPresent() ? through(serving.get(), wish, passing) : direct(passing, named.port()));
    }

    /** By name if a rule trusts it; else to the address that was checked, since the proxy may resolve another. */
    private static Link through(Proxy proxy, Wish wish, List<InetAddress> passing) throws IOException {
        int port = wish.destination().port();
        String target = wish.verdict().byName() ? wish.destination().text() : Addresses.text(passing.getFirst(), port);
        return new Link(Connector.through(proxy, target), proxy.toString());
    }

    /** Those that may be dialled. The family that the guest took comes first, since it may know why. */
    private static List<InetAddress> sorted(Map<InetAddress, Verdict> verdicts, InetAddress asked) {
        return verdicts.keySet().stream()
                .filter(address -> Objects.requireNonNull(verdicts.get(address)).allowed())
                .sorted(Comparator.comparing(address -> address.getClass() != asked.getClass()))
                .toList();
    }

    private Dialled opened(Wish wish, Link link) {
        wish.line().address(link.address());
        return new Dialled.Opened(link.channel(), passage(wish));
    }

    private Passage passage(Wish wish) {
        boolean byName = wish.verdict().byName();
        FirstFlight first = new FirstFlight(wish.policy(), wish.destination(), byName);
        return new Passage(wish.line(), first, audit, limits::giveConnection);
    }
}
