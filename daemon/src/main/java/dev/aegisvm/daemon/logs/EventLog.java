package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.*;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/**
 * The latest transitions of all instances, in memory, and each of them a line of the daemon's log. Writers never wait
 * for readers: one that is too slow is told how many it missed.
 */
public final class EventLog implements Closeable {
    /** The name of the logger, whose messages are JSON. */
    public static final String LOGGER = "dev.aegisvm.events";

    static final int KEPT = 1000;

    private static final Duration CLOSING = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(LOGGER);

    /** Event n is at n modulo {@value #KEPT}. */
    private final @Nullable Event[] ring = new Event[KEPT];

    private long end;
    private int readers;
    private boolean closed;

    private record Event(long number, EventView view, Map<String, String> labels) {}

    public void add(EventView view, Map<String, String> labels) {
        synchronized (this) {
            ring[(int) (end % KEPT)] = new Event(end, view, labels);
            end++;
            notifyAll();
        }
        LOG.log(Level.INFO, ApiJson.text(view));
    }

    /** The number of the first event that a query is about. */
    private synchronized long first(Tail reader) {
        long first = end;
        for (int left = reader.query.tail().orElse(KEPT); first > oldest() && left > 0; first--) {
            Event before = ring[(int) ((first - 1) % KEPT)];
            left -= before != null && reader.wants(before) ? 1 : 0;
        }
        return first;
    }

    /** The event of this number, or how many are kept no longer; null when its reader does not wait for it. */
    private synchronized @Nullable Event next(long number, Tail reader) throws InterruptedException {
        while (number >= end) {
            long patience = reader.patience();
            if (closed || patience <= 0) {
                return null;
            }
            TimeUnit.NANOSECONDS.timedWait(this, patience);
        }
        return number < oldest() ? gap(oldest() - number) : ring[(int) (number % KEPT)];
    }

    /** In the place of the events that are kept no longer. */
    private Event gap(long missed) {
        String because = missed + " events are missing: they arrived faster than they were read";
        return new Event(oldest() - 1, new EventView(Instant.now(), "", null, "", "", because, null, missed), Map.of());
    }

    private long oldest() {
        return Math.max(0, end - KEPT);
    }

    private synchronized void wakeReaders() {
        notifyAll();
    }

    /** Reads what is remembered, and what follows if the query says so; {@code wanted} sees the labels, too. */
    public Tail read(LogQuery query, BiPredicate<EventView, Map<String, String>> wanted) {
        return new Tail(query, wanted);
    }

    /** Nothing more comes: those who follow end with what there was. Waits a second at most until all have ended. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
        long latest = System.nanoTime() + CLOSING.toNanos();
        try {
            for (long left = CLOSING.toNanos(); readers > 0 && left > 0; left = latest - System.nanoTime()) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void count(int more) {
        readers += more;
        notifyAll();
    }

    /** A reader of the events: sees each once, or how many it missed. For one thread, except {@link #cancel}. */
    public final class Tail implements AutoCloseable {
        private final LogQuery query;
        private final BiPredicate<EventView, Map<String, String>> wanted;
        private long next;
        private volatile boolean cancelled;

        private Tail(LogQuery query, BiPredicate<EventView, Map<String, String>> wanted) {
            this.query = query;
            this.wanted = wanted;
            this.next = first(this);
            count(1);
        }

        /** The next event; blocks while there is none and the query follows. Empty when there are no more. */
        public Optional<EventView> next() throws InterruptedException {
            while (!cancelled) {
                Event event = EventLog.this.next(next, this);
                if (event == null) {
                    return Optional.empty();
                }
                next = event.number() + 1;
                if (event.view().missed() != null || wants(event)) {
                    return Optional.of(event.view());
                }
            }
            return Optional.empty();
        }

        private long patience() {
            return cancelled || !query.follow() ? 0 : query.patience();
        }

        private boolean wants(Event event) {
            return query.wants(event.view().ts()) && wanted.test(event.view(), event.labels());
        }

        /** Ends a blocked {@link #next} and all later ones; from any thread. */
        public void cancel() {
            cancelled = true;
            wakeReaders();
        }

        /** All that was read has been passed on. */
        @Override
        public void close() {
            count(-1);
        }
    }
}
