package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.policy.*;

/**
 * Holds back what a client sends first until it is known to mean the host that the connection was allowed for. Nothing waits
 * for these bytes: a server may talk before them. For one thread.
 */
public final class FirstFlight {
    private static final int FIRST_TLS_TYPE = 0x14;
    private static final int LAST_TLS_TYPE = 0x18;
    private static final int TLS_MAJOR = 3;
    private static final int SSL2 = 0x80;

    private final Policy policy;
    private final Destination destination;
    private final boolean byName;
    private byte[] held = {};
    private boolean known;

    /**
     * Of a connection.
     *
     * @param byName whether it was allowed for its name, which a client then has to mean
     */
    FirstFlight(Policy policy, Destination destination, boolean byName) {
        this.policy = policy;
        this.destination = destination;
        this.byName = byName;
        this.known = !destination.isOutside() || (!byName && policy.deny().isEmpty());
    }

    /**
     * Takes what the client sent.
     *
     * @return what may go on now: nothing, or all that was held back and these bytes
     * @throws Refusal when it means another host than was allowed, or one cannot tell; {@link #held} is what it sent
     */
    public ByteBuffer pass(ByteBuffer bytes) throws Refusal {
        if (known) {
            return bytes;
        }
        int before = held.length;
        held = Arrays.copyOf(held, before + bytes.remaining());
        bytes.get(held, before, bytes.remaining());
        Claim claim = claim(held());
        if (claim instanceof Claim.Unfinished) {
            if (held.length <= Claim.LONGEST) {
                return ByteBuffer.allocate(0);
            }
            claim = new Claim.Unreadable("does not name its host in its first " + Claim.LONGEST + " bytes");
        }
        require(claim);
        known = true;
        ByteBuffer all = held();
        held = new byte[0];
        return all;
    }

    /** The client sends nothing more. */
    public void end() throws Refusal {
        if (held.length > 0) {
            require(new Claim.Unreadable("ends before it has named its host"));
        }
    }

    /** What was held back. */
    public ByteBuffer held() {
        return ByteBuffer.wrap(held);
    }

    private void require(Claim claim) throws Refusal {
        Optional<String> objection = switch (claim) {
            case Claim.Unfinished _, Claim.None _ -> Optional.empty();
            case Claim.Unreadable(String why)
            when byName ->
                Optional.of("the connection to " + destination.text() + " " + why
                        + "; one that a rule allows by name has to name its host");
            case Claim.Unreadable _ -> Optional.empty();
            case Claim.Host(String name) -> objectionTo(name);
        };
        if (objection.isPresent()) {
            throw new Refusal(objection.get());
        }
    }

    private Optional<String> objectionTo(String claimed) {
        Optional<String> name = HostName.normal(claimed);
        if (byName && !name.equals(destination.host())) {
            return Optional.of("the connection was made to " + destination.text() + ", but asks for "
                    + name.orElse("something that is no name") + "; connect to that name instead");
        }
        return name.map(known -> new Destination.Named(known, destination.port()))
                .filter(named -> policy.denying(named).isPresent())
                .map(named -> policy.decide(named).sentence());
    }

    /** Reads the beginning of what a client sends, of which it must not be believed to be well-formed or whole. */
    static Claim claim(ByteBuffer bytes) {
        if (!bytes.hasRemaining()) {
            return new Claim.Unfinished();
        }
        int first = bytes.get(0) & 0xff;
        if (first >= FIRST_TLS_TYPE && first <= LAST_TLS_TYPE) {
            return tls(bytes);
        }
        return first >= SSL2 ? ssl2(bytes) : HttpHead.read(StandardCharsets.ISO_8859_1.decode(bytes.duplicate()));
    }

    private static Claim tls(ByteBuffer bytes) {
        if (bytes.remaining() == 1) {
            return new Claim.Unfinished();
        }
        return bytes.get(1) == TLS_MAJOR ? ClientHello.read(bytes.duplicate()) : new Claim.None();
    }

    /** How clients of the last century begin; some servers still take it, and it names no host. */
    private static Claim ssl2(ByteBuffer bytes) {
        boolean other =
                (bytes.remaining() > 2 && bytes.get(2) != 1) || (bytes.remaining() > 3 && bytes.get(3) != TLS_MAJOR);
        if (other) {
            return new Claim.None();
        }
        return bytes.remaining() < 4
                ? new Claim.Unfinished()
                : new Claim.Unreadable("begins with TLS as SSL 2 wrote it");
    }
}
