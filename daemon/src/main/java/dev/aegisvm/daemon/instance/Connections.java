package dev.aegisvm.daemon.instance;

import dev.aegisvm.daemon.idle.Uses;

/**
 * The clients that use an instance over the network at this moment. As long as there is one, the instance is in use: from the
 * moment its connection is accepted, before the guest has answered.
 */
public final class Connections {
    private final Uses uses;
    private int waiting;

    /** @param uses each client is one of them */
    public Connections(Uses uses) {
        this.uses = uses;
    }

    /** A client came. */
    public synchronized Client arrived() {
        waiting++;
        return new Client(uses.begin(Uses.Kind.CONNECTION));
    }

    /** How many there are. */
    public int open() {
        return uses.count(Uses.Kind.CONNECTION);
    }

    /** How many of them wait for the guest: to be connected, or to get rid of what they send. */
    synchronized int waiting() {
        return waiting;
    }

    /** One of them, until it is closed; it begins as one that waits. */
    public final class Client implements AutoCloseable {
        private final Uses.Use use;
        private boolean waits = true;

        private Client(Uses.Use use) {
            this.use = use;
        }

        /** Whether it waits for the guest. Idempotent. */
        public void waits(boolean now) {
            synchronized (Connections.this) {
                if (waits != now) {
                    waits = now;
                    waiting += now ? 1 : -1;
                }
            }
        }

        /** It is gone. Idempotent. */
        @Override
        public void close() {
            waits(false);
            use.close();
        }
    }
}
