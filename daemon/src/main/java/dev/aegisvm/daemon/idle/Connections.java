package dev.aegisvm.daemon.idle;

import module java.base;
import dev.aegisvm.api.StatsView.NetworkView;
import dev.aegisvm.daemon.budget.ForeignBudget;
import dev.aegisvm.daemon.budget.ForeignBudget.Cost;
import dev.aegisvm.daemon.metrics.Counters;
import dev.aegisvm.daemon.metrics.Counters.Count;

/**
 * The connections of an instance's guest at this moment. As long as a client of its ports is there, the instance is in
 * use: from the moment its connection is accepted, before the guest has answered. One that the guest opens itself is a
 * use until it is there, and from then on while bytes move: an agent keeps some open for hours.
 */
public final class Connections {
    /**
     * For how long a client that sent something and got nothing back counts as one that waits. What it sent just before
     * a pause may not have reached the guest, and is no different to it from what it sends just after.
     */
    static final Duration UNANSWERED = Duration.ofSeconds(1);

    /** How many clients of all ports of a guest may be on their way into it: its harness accepts 64 at a time. */
    private final Semaphore pending = new Semaphore(64);
    /** How many may be there: the harness has 1024 streams, of which its commands need some too. */
    private final Semaphore places = new Semaphore(900);

    private final Uses uses;
    private final Counters counters;
    private final ForeignBudget.Share share;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();
    private final LongAdder in = new LongAdder();
    private final LongAdder out = new LongAdder();

    /** Of one instance: {@code share} is what its guest and its clients may make the daemon hold. */
    public Connections(Uses uses, Counters counters, ForeignBudget.Share share) {
        this.uses = uses;
        this.counters = counters;
        this.share = share;
    }

    public Semaphore pending() {
        return pending;
    }

    public Semaphore places() {
        return places;
    }

    public Uses uses() {
        return uses;
    }

    public ForeignBudget.Share share() {
        return share;
    }

    public Client arrived() {
        return new Client(Uses.Kind.CONNECTION);
    }

    /** The guest opens one. */
    public Client dialled() {
        return new Client(Uses.Kind.DIAL);
    }

    public int open() {
        return uses.count(Uses.Kind.CONNECTION);
    }

    /** What was relayed for all who came. */
    public NetworkView traffic() {
        return new NetworkView(in.sum(), out.sum(), open());
    }

    /** Whether one of them waits for the guest: to be connected, to send, or for an answer. */
    public boolean anyWaits() {
        long now = System.nanoTime();
        return clients.stream().anyMatch(client -> client.waits(now));
    }

    /** One of them, until it is closed; at first it waits. Its methods are for any thread and do not block. */
    public final class Client implements AutoCloseable {
        private final boolean outgoing;
        private final Uses.Use use;
        private volatile boolean held;
        private volatile boolean unanswered;
        private volatile long sent;
        private final ForeignBudget.Hold costs = share.hold();

        private Client(Uses.Kind kind) {
            this.outgoing = kind == Uses.Kind.DIAL;
            this.use = uses.begin(kind);
            this.held = !outgoing;
            clients.add(this);
        }

        public void connected() {
            held = false;
            if (outgoing) {
                use.close();
            }
        }

        /** It sends something, which is held back as long as the guest has no room for it. */
        public void sending() {
            held = true;
            unanswered = true;
        }

        /** So many bytes that it sent are on their way to the guest, which may have answered already. */
        public void sent(int bytes) {
            sent = System.nanoTime();
            held = false;
            count(bytes, in, "in");
        }

        public void answered(int bytes) {
            unanswered = false;
            count(bytes, out, "out");
        }

        private void count(int bytes, LongAdder relayed, String direction) {
            if (outgoing) {
                uses.touch();
            } else {
                relayed.add(bytes);
            }
            counters.add(outgoing ? Count.GATEWAY_BYTES : Count.RELAYED_BYTES, bytes, "direction", direction);
        }

        private boolean waits(long now) {
            return held || (unanswered && now - sent < UNANSWERED.toNanos());
        }

        /** Reserves this until it is closed; false when that is beyond the instance's share. */
        public boolean holds(Cost cost) {
            return costs.take(cost);
        }

        /** The same for bytes that it can do without. */
        public boolean grows(int bytes) {
            return costs.grow(bytes);
        }

        @Override
        public void close() {
            clients.remove(this);
            use.close();
            costs.close();
        }
    }
}
