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
    Connections(Uses uses) {
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

    /** How many of them have not reached the guest yet. */
    synchronized int waiting() {
        return waiting;
    }

    /** One of them, until it is closed. */
    public final class Client implements AutoCloseable {
        private final Uses.Use use;
        private boolean waits = true;

        private Client(Uses.Use use) {
            this.use = use;
        }

        /** It has reached the guest. Idempotent. */
        public void connected() {
            synchronized (Connections.this) {
                if (waits) {
                    waits = false;
                    waiting--;
                }
            }
        }

        /** It is gone. Idempotent. */
        @Override
        public void close() {
            connected();
            use.close();
        }
    }
}
