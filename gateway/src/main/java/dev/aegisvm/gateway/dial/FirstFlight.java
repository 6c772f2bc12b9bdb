package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.policy.*;

/**
 * Holds back what a client sends first until it is known to mean the host that the connection was allowed for. Nothing waits
 * for these bytes: a server may talk before them. For one thread.
 */
public final class FirstFlight {
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
        Claim claim = FirstBytes.read(held());
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
}
