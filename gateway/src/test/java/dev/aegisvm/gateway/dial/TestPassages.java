package dev.aegisvm.gateway.dial;

import module java.base;
import dev.aegisvm.api.AuditLineBuilder;
import dev.aegisvm.gateway.policy.*;

/** First bytes of clients, as a connection that a policy let pass sees them. */
public final class TestPassages {
    private TestPassages() {}

    /** A connection that was let pass for its name. */
    public static Passage byName(Policy policy, Destination destination, SocketChannel channel) {
        FirstFlight flight = new FirstFlight(policy, destination, true);
        return new Passage(AuditLineBuilder.builder(), flight, channel, line -> {});
    }

    /** What becomes of bytes that come in pieces: passes, waits or refused. */
    public static String outcome(Policy policy, Destination destination, byte[] bytes, int piece) {
        Verdict verdict = policy.decide(destination);
        FirstFlight flight = new FirstFlight(policy, destination, verdict.byName());
        ByteArrayOutputStream passed = new ByteArrayOutputStream();
        try {
            for (int at = 0; at < bytes.length; at += piece) {
                ByteBuffer now = flight.pass(ByteBuffer.wrap(bytes, at, Math.min(piece, bytes.length - at)));
                passed.write(now.array(), now.arrayOffset() + now.position(), now.remaining());
            }
        } catch (Refusal refused) {
            return passed.size() == 0 ? "refused" : "refused too late";
        }
        if (passed.size() == 0) {
            return "waits";
        }
        return Arrays.equals(passed.toByteArray(), bytes) ? "passes" : "changed";
    }
}
