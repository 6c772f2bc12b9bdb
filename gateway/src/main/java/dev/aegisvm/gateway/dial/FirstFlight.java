package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.gateway.policy.*;

/**
 * Holds back what a client sends first until it is known to mean the host that the connection was allowed for, and each
 * later request of HTTP without TLS. Nothing waits for these bytes: a server may talk before them. For one thread, but
 * for {@link #answered}.
 */
public final class FirstFlight {
    private static final int FIRST_TLS_TYPE = 0x14;
    private static final int LAST_TLS_TYPE = 0x18;
    private static final int TLS_MAJOR = 3;
    private static final int SSL2 = 0x80;

    private static final int STATUS = "HTTP/1.1 101".length();
    private static final Claim NO_HTTP = new Claim.Unreadable("continues with data that is not HTTP");

    private final Policy policy;
    private final Destination destination;
    private final boolean byName;
    /** The beginning of what the server says, up to its status. */
    private volatile String answer = "";

    private byte[] held = {};
    /** Whatever follows may pass. */
    private boolean known;

    private Optional<Claim.Request> first = Optional.empty();
    private HttpBody body = new HttpBody(0);
    private boolean doubtful;

    /** @param byName whether the connection was allowed for its name, which a client then has to mean */
    FirstFlight(Policy policy, Destination destination, boolean byName) {
        this.policy = policy;
        this.destination = destination;
        this.byName = byName;
        this.known = !destination.isOutside() || !(byName || policy.deniesNames());
    }

    Destination destination() {
        return destination;
    }

    /**
     * Takes what the client sent.
     *
     * @return what may go on now, with what was held back before it
     * @throws Refusal when it means another host than was allowed, or one cannot tell; {@link #held} is what it sent
     */
    public ByteBuffer pass(ByteBuffer bytes) throws Refusal {
        if (known) {
            return bytes;
        }
        ByteBuffer all = bytes;
        if (held.length > 0) {
            all = ByteBuffer.allocate(held.length + bytes.remaining())
                    .put(held)
                    .put(bytes)
                    .flip();
            held = new byte[0];
        }
        int begin = all.position();
        while (all.hasRemaining() && held.length == 0) {
            known |= !body.goesOn()
                    && first.filter(request -> answer.matches("HTTP/1\\.[01] " + request.grant()))
                            .isPresent();
            if (known) {
                all.position(all.limit());
            } else if (body.goesOn() && !doubtful) {
                require(body.take(all) ? new Claim.None() : NO_HTTP);
            } else {
                judge(all);
            }
        }
        return all.limit(all.position()).position(begin);
    }

    /** Moves over the next head, or over nothing where it is held back. */
    private void judge(ByteBuffer all) throws Refusal {
        long most = doubtful ? Math.min(body.left(), Claim.LONGEST + 1) : Claim.LONGEST + 1;
        ByteBuffer next = all.slice(all.position(), (int) Math.min(most, all.remaining()));
        held = new byte[next.remaining()];
        next.duplicate().get(held);
        Claim claim = claim(next);
        if (claim instanceof Claim.Unfinished) {
            if (next.remaining() < most) {
                return;
            }
            claim = new Claim.Unreadable("does not name its host in its first " + Claim.LONGEST + " bytes");
        }
        if (doubtful) {
            require(claim instanceof Claim.None ? claim : new Claim.Unreadable("has a body that could be a request"));
            doubtful = false;
        } else if (claim instanceof Claim.Request request) {
            require(request.host());
            all.position(all.position() + request.end());
            first = first.or(() -> Optional.of(request));
            body = new HttpBody(request.length());
            doubtful = request.doubtful();
        } else {
            require(first.isPresent() ? NO_HTTP : claim);
            known = true;
        }
        held = new byte[0];
    }

    /** Takes what the server sent, before the client can have it. */
    public void answered(byte[] bytes, int count) {
        String had = answer;
        int missing = Math.min(count, STATUS - had.length());
        if (missing > 0) {
            answer = had + new String(bytes, 0, missing, StandardCharsets.ISO_8859_1);
        }
    }

    /** The client sends nothing more. */
    public void end() throws Refusal {
        if (!new String(held, StandardCharsets.ISO_8859_1).isBlank()) {
            require(new Claim.Unreadable("ended before it named its host"));
        }
    }

    public ByteBuffer held() {
        return ByteBuffer.wrap(held);
    }

    private void require(Claim claim) throws Refusal {
        Optional<String> objection = switch (claim) {
            case Claim.Unfinished _, Claim.None _, Claim.Request _ -> Optional.empty();
            case Claim.Unreadable(String why) -> unclear(why);
            case Claim.Hidden(String why) -> byName ? unclear(why) : Optional.empty();
            case Claim.Host(String name) -> objectionTo(name);
        };
        if (objection.isPresent()) {
            throw new Refusal(objection.get());
        }
    }

    private Optional<String> unclear(String why) {
        return Optional.of("the connection to " + destination.text() + " " + why + "; a rule that "
                + (byName ? "allows" : "denies") + " a name needs the host name in it (TLS SNI or HTTP Host)");
    }

    private Optional<String> objectionTo(String claimed) {
        Optional<String> name = HostName.normal(claimed);
        if (byName && !name.equals(destination.host())) {
            return Optional.of("the connection was opened to " + destination.text() + ", but its request names "
                    + name.orElse("an invalid host") + "; connect to the host that the request names");
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
            boolean other = bytes.remaining() > 1 && bytes.get(1) != TLS_MAJOR;
            return other ? new Claim.None() : ClientHello.read(bytes.duplicate());
        }
        Claim old = first >= SSL2 ? ssl2(bytes) : new Claim.None();
        return old instanceof Claim.None ? HttpHead.read(StandardCharsets.ISO_8859_1.decode(bytes.duplicate())) : old;
    }

    /** How clients of the last century begin; some servers still take it, and it names no host. */
    private static Claim ssl2(ByteBuffer bytes) {
        boolean other =
                (bytes.remaining() > 2 && bytes.get(2) != 1) || (bytes.remaining() > 3 && bytes.get(3) != TLS_MAJOR);
        if (other) {
            return new Claim.None();
        }
        return bytes.remaining() < 4 ? new Claim.Unfinished() : new Claim.Hidden("begins with TLS in SSL 2 format");
    }
}
