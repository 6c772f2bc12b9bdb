package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.guest.protocol.GuestRequest.*;

/** A guest's requests to the gateway, checked and counted: an invalid one, or too many, end its session. */
final class GuestRequests {
    /** Dials, and queries, that wait for an answer at a time. */
    static final int MAX_WAITING = 256;

    private static final int LONGEST_ADDRESS = 45;
    private static final int LAST_PORT = 65535;

    private final Sender sender;
    private final Gateway gateway;
    private final Kind dials = new Kind("dial");
    private final Kind queries = new Kind("query");

    GuestRequests(Sender sender, Gateway gateway) {
        this.sender = sender;
        this.gateway = gateway;
    }

    void dial(FromGuest.Dial dial) throws ProtocolViolation {
        int length = dial.address().length();
        if (length == 0 || length > LONGEST_ADDRESS || dial.port() < 1 || dial.port() > LAST_PORT) {
            throw new ProtocolViolation("a dial without an address and a port");
        }
        gateway.onDial(new Dial(sender, dials.enter(dial.dialId()), dial));
    }

    void resolve(FromGuest.Resolve query) throws ProtocolViolation {
        byte[] message = bytes(query.message());
        if (message.length == 0 || message.length > Query.MAX_MESSAGE) {
            throw new ProtocolViolation("a query of " + message.length + " bytes");
        }
        gateway.onResolve(new Query(sender, queries.enter(query.queryId()), query.queryId(), message));
    }

    private static byte[] bytes(String base64) throws ProtocolViolation {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new ProtocolViolation("a query that is not in base64", e);
        }
    }

    /** The requests of one kind; their ids count up. */
    private static final class Kind {
        private final String name;
        private final AtomicInteger waiting = new AtomicInteger();
        private long lastId;

        Kind(String name) {
            this.name = name;
        }

        /** Counts one more, and returns how many wait. */
        AtomicInteger enter(long id) throws ProtocolViolation {
            if (id <= lastId) {
                throw new ProtocolViolation("a " + name + " whose id is not larger than the last one");
            }
            lastId = id;
            if (waiting.incrementAndGet() > MAX_WAITING) {
                throw new ProtocolViolation("more than " + MAX_WAITING + " waiting requests of the kind " + name);
            }
            return waiting;
        }
    }
}
