package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.EventView;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A reader of the events. It sees each once, in order, or how many it missed. For one thread, except {@link #cancel}. */
public final class EventTail {
    private final EventLog log;
    private final LogQuery query;
    private long next;
    private EventLog.@Nullable Event ahead;
    private volatile boolean cancelled;

    /** Reads what is remembered, and what follows if the query says so. */
    public EventTail(EventLog log, LogQuery query) {
        this.log = log;
        this.query = query;
        this.next = log.first(query);
    }

    /**
     * The next event; blocks while there is none and the query follows.
     *
     * @return empty when there are no more
     */
    public Optional<EventView> next() throws InterruptedException {
        while (!cancelled) {
            EventLog.Event event = ahead == null ? log.next(next, this::follows) : ahead;
            if (event == null) {
                return Optional.empty();
            }
            ahead = null;
            if (event.number() > next) {
                long missed = event.number() - next;
                next = event.number();
                ahead = event;
                return Optional.of(gap(missed));
            }
            next++;
            if (query.since().map(since -> !event.view().ts().isBefore(since)).orElse(true)) {
                return Optional.of(event.view());
            }
        }
        return Optional.empty();
    }

    private static EventView gap(long missed) {
        String because = missed + " events were missed: they came faster than they were read";
        return new EventView(Instant.now(), "", null, "", "", because, missed);
    }

    private boolean follows() {
        return query.follow() && !cancelled;
    }

    /** Ends a blocked {@link #next} and all later ones; from any thread. */
    public void cancel() {
        cancelled = true;
        log.wakeReaders();
    }
}
