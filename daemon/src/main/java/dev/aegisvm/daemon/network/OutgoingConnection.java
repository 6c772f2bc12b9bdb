package dev.aegisvm.daemon.network;

import module java.base;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.idle.Connections;
import dev.aegisvm.daemon.instance.Outgoing.Refusals;
import dev.aegisvm.daemon.instance.PublicPorts.Reachable;
import dev.aegisvm.daemon.router.Relay;
import dev.aegisvm.gateway.dial.*;
import dev.aegisvm.gateway.intercept.*;
import dev.aegisvm.gateway.limit.Limits;
import dev.aegisvm.guest.protocol.GuestStream;

/**
 * A connection that a guest has opened, and that was let pass: bytes move, are counted, and looked at where they begin.
 * One to a host that a secret is bound to is intercepted instead.
 */
final class OutgoingConnection implements Relay.Moves {
    private static final Cost TLS = new Cost(192 << 10, 0);

    private static final String CAUSE = "data arrived on a connection that its guest opened";

    private final Owner owner;
    private final Connections.Client use;
    private final Passage passage;
    private final GuestStream guest;
    private final Placeholders.Watch watch;
    private final Relay relay;
    private boolean refused;

    /** Whose it is; {@code intercepting} has a place for each connection that may carry secrets. */
    record Owner(
            Reachable instance,
            Limits limits,
            Refusals refusals,
            Placeholders placeholders,
            Interception.Door door,
            Semaphore intercepting) {}

    OutgoingConnection(Owner owner, Connections.Client use, Passage passage, GuestStream guest) {
        this.owner = owner;
        this.use = use;
        this.passage = passage;
        this.guest = guest;
        this.watch = owner.placeholders().watch(passage.destination());
        this.relay = new Relay(passage.channel(), guest, use, this);
    }

    /** Returns when both ways have ended, and the guest has all that was sent to it. */
    void run() throws IOException, InterruptedException {
        if (!owner.placeholders().goTo(passage.destination())) {
            relay.run();
        } else if (use.holds(TLS) && owner.intercepting().tryAcquire()) {
            intercept();
        } else {
            end(new Refusal("this instance has reached its limit of connections that may carry secrets"));
            return;
        }
        guest.finish();
    }

    private void intercept() throws IOException {
        Interception.Guest end = new Interception.Guest(new FromGuest(), new ToGuest(), guest::close);
        try {
            new Interception(owner.door(), owner.placeholders(), end, passage).run();
        } catch (Refusal refusal) {
            note(refusal);
        } finally {
            owner.intercepting().release();
        }
    }

    private void note(Refusal refusal) {
        passage.refused(refusal);
        owner.refusals().add(refusal.sentence(), Optional.empty());
    }

    /** A rule refuses it from now on. */
    void end(Refusal refusal) {
        passage.refused(refusal);
        relay.abort();
    }

    @Override
    public int atOnce() {
        return owner.limits().atOnce();
    }

    @Override
    public OutputStream toGuest(OutputStream out) {
        return new ValueWatch(out, owner.placeholders(), this::note);
    }

    @Override
    public void heard(byte[] bytes, int count) {
        passage.firstFlight().answered(bytes, count);
    }

    /** Wakes a paused guest before and after, since it may be paused meanwhile. */
    @Override
    public void sending(int count) {
        owner.limits().awaitDown(count);
        use.sending();
        owner.instance().wake(CAUSE);
    }

    @Override
    public void sent(int count) {
        owner.instance().wake(CAUSE);
        use.sent(count);
        passage.received(count);
    }

    @Override
    public ByteBuffer answered(ByteBuffer bytes) throws IOException {
        owner.limits().awaitUp(bytes.remaining());
        use.answered(bytes.remaining());
        if (refused) {
            return ByteBuffer.allocate(0);
        }
        try {
            watch.look(bytes);
            ByteBuffer passed = passage.firstFlight().pass(bytes);
            passage.sent(passed.remaining());
            return passed;
        } catch (Refusal other) {
            refuse(other, bytes);
            return ByteBuffer.allocate(0);
        }
    }

    @Override
    public void answeredAll() throws IOException {
        try {
            if (!refused) {
                passage.firstFlight().end();
            }
        } catch (Refusal unnamed) {
            refuse(unnamed, ByteBuffer.allocate(0));
        }
    }

    /** Nothing that it sent has left the host; it is told why in its own protocol, and further bytes are dropped. */
    private void refuse(Refusal refusal, ByteBuffer last) throws IOException {
        refused = true;
        note(refusal);
        OutputStream out = guest.out();
        ByteBuffer held = passage.firstFlight().held();
        out.write(refusal.answerTo(held.hasRemaining() ? held : last));
        out.close();
        passage.channel().shutdownInput();
    }

    private final class FromGuest extends FilterInputStream {
        FromGuest() {
            super(guest.in());
        }

        @Override
        public int read(byte[] bytes, int offset, int most) throws IOException {
            int count = in.read(bytes, offset, most);
            if (count > 0) {
                owner.limits().awaitUp(count);
                use.answered(count);
                passage.sent(count);
            }
            return count;
        }
    }

    private final class ToGuest extends FilterOutputStream {
        ToGuest() {
            super(guest.out());
        }

        @Override
        public void write(byte[] bytes, int offset, int count) throws IOException {
            sending(count);
            out.write(bytes, offset, count);
            sent(count);
        }
    }
}
