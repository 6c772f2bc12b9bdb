package dev.aegisvm.gateway.limit;

import module java.base;

/** How much one instance may have under way at a time, and how fast its bytes may go. For all threads. */
public final class Limits {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int LEAST_AT_ONCE = 4096;
    private static final int MOST_AT_ONCE = 65_536;

    private final int most;
    private final Semaphore connections;
    private final Semaphore asking;
    private final int atOnce;
    private final Optional<Rate> up;
    private final Optional<Rate> down;

    /**
     * @param connections of one instance that may be open
     * @param asking dials and questions about names that may be under way; others wait
     * @param rate bytes a second of all connections together, each way; empty: without a limit
     */
    public Limits(int connections, int asking, Optional<Long> rate) {
        this.most = connections;
        this.connections = new Semaphore(connections);
        this.asking = new Semaphore(asking, true);
        this.atOnce = Math.clamp(rate.orElse(Long.MAX_VALUE) / 16, LEAST_AT_ONCE, MOST_AT_ONCE);
        this.up = rate.map(bytes -> new Rate(bytes, System::nanoTime));
        this.down = rate.map(bytes -> new Rate(bytes, System::nanoTime));
    }

    /** Waits until the guest may send so many bytes. */
    public void awaitUp(int bytes) {
        up.ifPresent(bucket -> bucket.take(bytes));
    }

    /** Waits until the guest may get so many bytes. */
    public void awaitDown(int bytes) {
        down.ifPresent(bucket -> bucket.take(bytes));
    }

    /** How many bytes to take at a time: a sixteenth of a second, so that other connections need not wait for long. */
    public int atOnce() {
        return atOnce;
    }

    public int connections() {
        return most;
    }

    /** How many connections there are now. */
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

    /** What others are asked for. */
    public interface Asking<T> {
        T get() throws IOException;
    }

    /** Does what others are asked for, in its turn; nothing when that did not come within ten seconds. */
    public <T> Optional<T> inTurn(Asking<T> work) throws IOException, InterruptedException {
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
