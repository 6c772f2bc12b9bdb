package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.EventView;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.EventTail;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.Optional;

/** Reads the transitions of all instances to a client, those that were and those that come. */
final class EventsHandler {
    private static final System.Logger LOG = System.getLogger(EventsHandler.class.getName());

    private final EventLog events;

    EventsHandler(EventLog events) {
        this.events = events;
    }

    void get(Exchange exchange) {
        EventTail tail = events.read(LogQueries.of(exchange));
        try {
            Ndjson lines = exchange.ndjson();
            lines.whenLeft(tail::cancel);
            for (Optional<EventView> next = tail.next(); next.isPresent(); next = tail.next()) {
                lines.line(ApiJson.write(next.get()));
            }
            lines.end();
        } catch (IOException left) {
            LOG.log(Level.DEBUG, "events: " + left.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
