package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.daemon.guest.GuestConnection;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.Outgoing.Refusals;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.daemon.router.Relay;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.limit.Limits;

/** A connection that a guest has opened, and that was let pass: bytes move, are counted, and looked at where they begin. */
final class OutgoingConnection implements Relay.Moves {
    private static final String CAUSE = "bytes came for a connection that its guest opened";

    private final Reachable instance;
    private final Connections.Client use;
    private final Ends ends;
    private final Limits limits;
    private final Refusals refusals;
    private final Relay relay;
    private boolean refused;

    /** Both ends, and the permission to join them. */
    record Ends(SocketChannel socket, GuestConnection guest, Passage passage) {}

    OutgoingConnection(Reachable instance, Connections.Client use, Ends ends, Limits limits, Refusals refusals) {
        this.instance = instance;
        this.use = use;
        this.ends = ends;
        this.limits = limits;
        this.refusals = refusals;
        this.relay = new Relay(ends.socket(), ends.guest(), this);
    }

    /** Returns when both ways have ended, and the guest has all that was sent to it. */
    void run() throws IOException, InterruptedException {
        relay.run();
        ends.guest().finish();
    }

    /** A rule refuses it from now on. */
    void end(Refusal refusal) {
        ends.passage().refused(refusal);
        relay.abort();
    }

    @Override
    public int atOnce() {
        return limits.atOnce();
    }

    /** Wakes a paused guest before and after, since it may be paused meanwhile. */
    @Override
    public void sending(int count) {
        limits.awaitDown(count);
        use.sending();
        instance.wake(CAUSE);
    }

    @Override
    public void sent(int count) {
        instance.wake(CAUSE);
        use.sent(count);
        ends.passage().received(count);
    }

    @Override
    public ByteBuffer answered(ByteBuffer bytes) throws IOException {
        limits.awaitUp(bytes.remaining());
        use.answered(bytes.remaining());
        if (refused) {
            return ByteBuffer.allocate(0);
        }
        try {
            ByteBuffer passed = ends.passage().firstFlight().pass(bytes);
            ends.passage().sent(passed.remaining());
            return passed;
        } catch (Refusal other) {
            refuse(other);
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public void answeredAll() throws IOException {
        try {
            if (!refused) {
                ends.passage().firstFlight().end();
            }
        } catch (Refusal unnamed) {
            refuse(unnamed);
        }
    }

    /** Nothing of what it sent has left; it is told why in its own protocol, and whatever else it sends goes nowhere. */
    private void refuse(Refusal refusal) throws IOException {
        refused = true;
        ends.passage().refused(refusal);
        refusals.add(refusal.sentence());
        OutputStream out = ends.guest().out();
        out.write(refusal.answerTo(ends.passage().firstFlight().held()));
        out.close();
        ends.socket().shutdownInput();
    }
}
