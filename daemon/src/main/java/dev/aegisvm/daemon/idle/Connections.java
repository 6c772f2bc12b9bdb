package dev.aegisvm.daemon.idle;

import module java.base;

/**
 * The clients that use an instance over the network at this moment. As long as there is one, the instance is in use: from the
 * moment its connection is accepted, before the guest has answered.
 */
public final class Connections {
    /**
     * For how long a client that sent something and got nothing back counts as one that waits. What it sent just before a pause
     * may not have reached the guest, and is no different to it from what it sends just after.
     */
    static final Duration UNANSWERED = Duration.ofSeconds(1);

    private final Uses uses;
    private final Set<Client> clients = ConcurrentHashMap.newKeySet();

    /** @param uses each client is one of them */
    public Connections(Uses uses) {
        this.uses = uses;
    }

    public Client arrived() {
        Client client = new Client(uses.begin(Uses.Kind.CONNECTION));
        clients.add(client);
        return client;
    }

    public int open() {
        return uses.count(Uses.Kind.CONNECTION);
    }

    /** Whether one of them waits for the guest: to be connected, to get rid of what it sends, or for an answer to it. */
    public boolean anyWaits() {
        long now = System.nanoTime();
        return clients.stream().anyMatch(client -> client.waits(now));
    }

    /** One of them, until it is closed; it begins as one that waits. Its methods are for any thread and do not block. */
    public final class Client implements AutoCloseable {
        private final Uses.Use use;
        private volatile boolean held = true;
        private volatile boolean unanswered;
        private volatile long sent;

        private Client(Uses.Use use) {
            this.use = use;
        }

        public void connected() {
            held = false;
        }

        /** It sends something, which is held back as long as the guest has no room for it. */
        public void sending() {
            held = true;
            unanswered = true;
        }

        /** What it sent is on its way to the guest, which may have answered already. */
        public void sent() {
            sent = System.nanoTime();
            held = false;
        }

        public void answered() {
            unanswered = false;
        }

        private boolean waits(long now) {
            return held || (unanswered && now - sent < UNANSWERED.toNanos());
        }

        @Override
        public void close() {
            clients.remove(this);
            use.close();
        }
    }
}
