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
 */
public final class Dialer {
    private static final List<InetAddress> LOOPBACK =
            List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));

    private final Gate gate;
    private final Optional<Proxy> proxy;
    private final Siblings siblings;
    private final Limits limits;

    /**
     * @param proxy through which the world is reached; empty for none
     * @param siblings opens connections to other instances
     */
    public Dialer(Gate gate, Optional<Proxy> proxy, Siblings siblings, Limits limits) {
        this.gate = gate;
        this.proxy = proxy;
        this.siblings = siblings;
        this.limits = limits;
    }

    /** Who knows the other instances. */
    public interface Siblings {
        /** Throws when that one does not accept it, and says what to do. */
        SocketChannel connect(String instance, int port) throws IOException;
    }

    private record Wish(
            Destination destination, InetAddress asked, Policy policy, Verdict verdict, AuditLineBuilder line) {}

    /**
     * Connects to an address as the guest says it, a literal, and a port; waits for that, for a bounded time. What the
     * guest may not have is a {@link Refusal}; any other error says which host gave no answer.
     */
    public Passage dial(String address, int port) throws IOException, InterruptedException {
        InetAddress asked = Addresses.parse(address)
                .filter(_ -> PortMapping.isPort(port))
                .orElseThrow(() -> new Refusal("not a valid address and port"));
        if (!limits.takeConnection()) {
            throw refused(
                    Gate.line(AuditLine.TCP, AuditLine.REFUSED)
                            .port(port)
                            .address(Addresses.text(asked))
                            .rule(AuditLine.LIMIT),
                    "this instance has " + limits.connections() + " connections, the most allowed; close some of them");
        }
        boolean kept = false;
        try {
            Passage passage = limits.inTurn(() -> dial(asked, port))
                    .orElseThrow(() ->
                            new Refusal("this instance opens too many connections at once; try again in a moment"));
            kept = true;
            return passage;
        } finally {
            if (!kept) {
                limits.giveConnection();
            }
        }
    }

    private Passage dial(InetAddress asked, int port) throws IOException {
        AuditLineBuilder line = Gate.line(AuditLine.TCP, AuditLine.ALLOWED).port(port);
        Optional<Destination> destination = destination(asked, port);
        if (destination.isEmpty()) {
            String address = Addresses.text(asked);
            throw refused(
                    line.address(address).rule(AuditLine.UNKNOWN),
                    address + " no longer belongs to a name; look up the name again");
        }
        describe(destination.get(), line);
        Policy inForce = gate.policy().get();
        Verdict verdict = inForce.decide(destination.get());
        line.rule(verdict.rule());
        if (!verdict.allowed()) {
            throw refused(line, verdict.sentence());
        }
        return open(new Wish(destination.get(), asked, inForce, verdict, line));
    }

    private Optional<Destination> destination(InetAddress asked, int port) {
        return SyntheticNames.isSynthetic(asked)
                ? gate.names().nameOf(asked).flatMap(name -> Destination.ofName(name, port))
                : Optional.of(new Destination.Numeric(asked, port));
    }

    private static void describe(Destination destination, AuditLineBuilder line) {
        switch (destination) {
            case Destination.Named named -> line.name(named.name());
            case Destination.Numeric numeric -> line.address(Addresses.text(numeric.address()));
            case Destination.Sibling sibling -> line.name(sibling.instance() + ".aegis");
            case Destination.TheHost _ -> line.name(Destination.TheHost.NAME);
            case Destination.Resolved _ -> throw new IllegalStateException("unexpected: " + destination);
        }
    }

    private Refusal refused(AuditLineBuilder line, String sentence) {
        gate.audit().accept(line.verdict(AuditLine.REFUSED).reason(sentence).build());
        return new Refusal(sentence);
    }

    private Passage open(Wish wish) throws IOException {
        try {
            return switch (wish.destination()) {
                case Destination.Sibling sibling -> toInstance(wish, sibling);
                case Destination.TheHost _ -> direct(wish, LOOPBACK);
                case Destination.Numeric numeric -> numeric(wish, numeric);
                case Destination.Named named -> named(wish, named);
                case Destination.Resolved _ -> throw new IllegalStateException("unexpected: " + wish.destination());
            };
        } catch (Refusal refusal) {
            throw refusal;
        } catch (IOException obstacle) {
            String sentence = wish.destination().text() + " does not answer: " + obstacle.getMessage();
            AuditLine failed =
                    wish.line().verdict(AuditLine.FAILED).reason(sentence).build();
            gate.audit().accept(failed);
            throw new IOException(sentence, obstacle);
        }
    }

    private Passage toInstance(Wish wish, Destination.Sibling sibling) throws Refusal {
        try {
            return passage(wish, sibling, siblings.connect(sibling.instance(), sibling.port()));
        } catch (ApiException | IOException none) {
            throw refused(wish.line(), String.valueOf(none.getMessage()));
        }
    }

    private Passage numeric(Wish wish, Destination.Numeric numeric) throws IOException {
        Optional<Proxy> serving = proxy.filter(known -> known.serves(numeric));
        return serving.isPresent()
                ? passage(wish, numeric, Connector.through(serving.get(), numeric.text()))
                : direct(wish, List.of(numeric.address()));
    }

    private Passage direct(Wish wish, List<InetAddress> addresses) throws IOException {
        SocketChannel channel = Connector.connect(addresses, wish.destination().port());
        InetAddress reached = channel.socket().getInetAddress();
        wish.line().address(Addresses.text(reached));
        Destination asked = wish.destination();
        return passage(wish, asked instanceof Destination.Named named ? named.at(reached) : asked, channel);
    }

    /** A proxy that a rule sends a name to resolves it itself, and may know it better than we do. */
    private Passage named(Wish wish, Destination.Named named) throws IOException {
        Upstream.Found found = gate.upstream().find(named.name()).join();
        Optional<Proxy> serving = proxy.filter(known -> known.serves(named));
        boolean trusted = serving.isPresent() && wish.verdict().byName();
        if (found.addresses().isEmpty() && !trusted) {
            throw new IOException(found.rcode() == Rcode.SERVFAIL ? "no DNS server answers" : "no such host name");
        }
        // The family that the guest took comes first, since it may know why.
        List<InetAddress> passing = found.addresses().stream()
                .distinct()
                .filter(address -> wish.policy().decide(named.at(address)).allowed())
                .sorted(Comparator.comparing(
                        address -> address.getClass() != wish.asked().getClass()))
                .toList();
        if (passing.isEmpty() && !found.addresses().isEmpty()) {
            InetAddress first = found.addresses().getFirst();
            Verdict verdict = wish.policy().decide(named.at(first));
            throw refused(wish.line().rule(verdict.rule()).address(Addresses.text(first)), verdict.sentence());
        }
        return serving.isPresent() ? through(serving.get(), wish, passing) : direct(wish, passing);
    }

    /** By name if a rule trusts it; else to the address that was checked, since the proxy may resolve another. */
    private Passage through(Proxy proxy, Wish wish, List<InetAddress> passing) throws IOException {
        int port = wish.destination().port();
        String target = wish.verdict().byName() ? wish.destination().text() : Addresses.text(passing.getFirst(), port);
        SocketChannel channel = Connector.through(proxy, target);
        wish.line().address(proxy.toString());
        return passage(wish, wish.destination(), channel);
    }

    private Passage passage(Wish wish, Destination destination, SocketChannel channel) {
        FirstFlight first =
                new FirstFlight(wish.policy(), destination, wish.verdict().byName());
        Consumer<AuditLine> place = _ -> limits.giveConnection();
        return new Passage(wish.line(), first, channel, place.andThen(gate.audit()));
    }
}
