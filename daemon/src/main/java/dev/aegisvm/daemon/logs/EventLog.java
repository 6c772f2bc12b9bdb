package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The latest transitions of all instances, in memory, and each of them a line of the daemon's log. Writers never wait for
 * readers: one that is too slow is told how many it missed.
 */
public final class EventLog {
    /** The name of the logger, whose messages are JSON. */
    public static final String LOGGER = "dev.aegisvm.events";

    static final int KEPT = 1000;

    private static final System.Logger LOG = System.getLogger(LOGGER);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    /** Event n is at n modulo {@value #KEPT}. */
    private final @Nullable Event[] ring = new Event[KEPT];

    /** The number of the next event; the first is 0. */
    private long end;

    /** An event, by its number. */
    record Event(long number, EventView view) {}

    /** Adds what happened just now; the parameters are those of {@link EventView}. */
    public void add(String instanceId, Optional<String> handle, String from, String to, String because) {
        EventView view;
        lock.lock();
        try {
            view = new EventView(Instant.now(), instanceId, handle.orElse(null), from, to, because, null);
            ring[(int) (end % KEPT)] = new Event(end, view);
            end++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        LOG.log(Level.INFO, ApiJson.text(view));
    }

    /** The number of the first event that a query is about. */
    long first(LogQuery query) {
        lock.lock();
        try {
            return Math.max(query.tail().isPresent() ? end - query.tail().getAsInt() : 0, oldest());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits for the event with this number.
     *
     * @param waits whether it is worth waiting for more
     * @return the oldest that is left when that one is forgotten, null when there is none
     */
    @Nullable
    Event next(long number, BooleanSupplier waits) throws InterruptedException {
        lock.lock();
        try {
            while (number >= end) {
                if (!waits.getAsBoolean()) {
                    return null;
                }
                changed.await();
            }
            return ring[(int) (Math.max(number, oldest()) % KEPT)];
        } finally {
            lock.unlock();
        }
    }

    private long oldest() {
        return Math.max(0, end - KEPT);
    }

    void wakeReaders() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
