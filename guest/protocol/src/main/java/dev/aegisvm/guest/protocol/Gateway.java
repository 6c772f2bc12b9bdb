package dev.aegisvm.guest.protocol;

/**
 * Gets what programs of a guest ask of the world outside, on the session's reading thread: must not block. Each request is to be
 * answered, from any thread: of each kind, a guest has no more than {@value GuestRequests#MAX_WAITING} that wait.
 */
public interface Gateway {
    /** For a guest that has none: it may not ask. */
    Gateway NONE = new Gateway() {
        @Override
        public void onDial(Dial dial) throws ProtocolViolation {
            throw new ProtocolViolation("a dial of a guest without a gateway");
        }

        @Override
        public void onResolve(Query query) throws ProtocolViolation {
            throw new ProtocolViolation("a query of a guest without a gateway");
        }
    };

    /** A program wants a connection. Those to port 53 want a name server at their other end, which is the host's. */
    void onDial(Dial dial) throws ProtocolViolation;

    /** A program asks a name server by UDP. */
    void onResolve(Query query) throws ProtocolViolation;
}
