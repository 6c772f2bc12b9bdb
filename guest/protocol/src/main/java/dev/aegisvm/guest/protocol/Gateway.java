package dev.aegisvm.guest.protocol;

import dev.aegisvm.guest.protocol.GuestRequest.*;

/**
 * Gets what programs of a guest ask of the world outside, on the session's reading thread: must not block. Each request
 * is to be answered, from any thread: of each kind, a guest has no more than {@value GuestRequests#MAX_WAITING} that
 * wait. A method that is not overridden refuses: the guest may not ask that, and its session ends.
 */
public interface Gateway {
    /** For a guest that may not ask. */
    Gateway NONE = () -> Memory.UNBOUNDED;

    /** What the guest may make the host hold. */
    Memory memory();

    /** A program wants a connection. Those to port 53 want a name server at their other end, which is the host's. */
    default void onDial(Dial dial) throws ProtocolViolation {
        throw new ProtocolViolation("a dial of a guest without a gateway");
    }

    default void onResolve(Query query) throws ProtocolViolation {
        throw new ProtocolViolation("a query of a guest without a gateway");
    }

    /** The guest has taken the gateway's interface down, and reaches nothing any more; as often as it likes. */
    default void onCut() throws ProtocolViolation {
        throw new ProtocolViolation("a gateway was cut off, but this guest has none");
    }
}
