package dev.aegisvm.gateway.limit;

import module java.base;

/** How much one instance may have under way at a time. For all threads. */
public final class Limits {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final int most;
    private final Semaphore connections;
    private final Semaphore asking;

    /**
     * Of one instance.
     *
     * @param connections that may be open
     * @param asking dials and questions about names that may be under way; others wait
     */
    public Limits(int connections, int asking) {
        this.most = connections;
        this.connections = new Semaphore(connections);
        this.asking = new Semaphore(asking, true);
    }

    /** How many connections may be open. */
    public int connections() {
        return most;
    }

    /** How many there are now. */
    public int open() {
        return most - connections.availablePermits();
    }

    /** Takes the place of a connection; false where there is none. */
    public boolean takeConnection() {
        return connections.tryAcquire();
    }

    public void giveConnection() {
        connections.release();
    }

    /** Does what others are asked for, in its turn; nothing when that did not come within ten seconds. */
    public <T> Optional<T> inTurn(Supplier<T> work) throws InterruptedException {
        if (!asking.tryAcquire(PATIENCE.toNanos(), TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        try {
            return Optional.of(work.get());
        } finally {
            asking.release();
        }
    }
}
