package dev.aegisvm.daemon.http;

import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.api.Routes;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.EventTail;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.logs.LogQuery;
import dev.aegisvm.daemon.logs.LogTail;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Sends log entries and events to a client, those that there are and those that come. */
final class LogsHandler {
    private static final System.Logger LOG = System.getLogger(LogsHandler.class.getName());

    private final Instances instances;
    private final EventLog events;

    LogsHandler(Instances instances, EventLog events) {
        this.instances = instances;
        this.events = events;
    }

    void addTo(RouteTable routes) {
        routes.serve(Routes.LOGS, this::logs);
        routes.serve(Routes.EVENTS, this::events);
    }

    private void logs(Exchange exchange) {
        LogQuery query = query(exchange);
        InstanceLog log = instances.log(exchange.ref());
        try (LogTail tail = LogTail.open(log, query)) {
            ByteAnswer lines = exchange.ndjson();
            lines.whenLeft(tail::cancel);
            copy(tail, lines);
            lines.end();
        } catch (IOException obstacle) {
            LOG.log(Level.DEBUG, "logs of " + exchange.ref() + ": " + obstacle.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(LogTail tail, ByteAnswer lines) throws IOException, InterruptedException {
        for (List<ByteBuffer> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
            int bytes = 0;
            for (ByteBuffer line : batch) {
                bytes += line.remaining();
            }
            ByteBuffer block = ByteBuffer.allocate(bytes);
            batch.forEach(line -> block.put(line.duplicate()));
            lines.lines(block.array());
        }
    }

    private void events(Exchange exchange) {
        EventTail tail = new EventTail(events, query(exchange));
        try {
            ByteAnswer lines = exchange.ndjson();
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

    private static LogQuery query(Exchange exchange) {
        return new LogQuery(
                exchange.flag("follow"),
                exchange.query("since").map(LogsHandler::since),
                exchange.query("tail").map(LogsHandler::tail).orElse(OptionalInt.empty()),
                exchange.query("exec_id").filter(id -> id.length() <= 64).or(() -> none(exchange)));
    }

    private static Optional<String> none(Exchange exchange) {
        if (exchange.query("exec_id").isPresent()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "exec_id has 64 characters at most");
        }
        return Optional.empty();
    }

    /** A time, or how long ago it is. */
    private static Instant since(String text) {
        if (text.indexOf('T') < 0) {
            return Instant.now().minus(LooseDuration.parse("since", text));
        }
        try {
            return Instant.parse(text);
        } catch (DateTimeParseException mistake) {
            throw new ApiException(
                    ErrorCode.BAD_REQUEST, "since is a time as in RFC 3339, or a duration such as 10m", mistake);
        }
    }

    private static OptionalInt tail(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= 0 && number <= LogQuery.MAX_TAIL) {
                return OptionalInt.of(number);
            }
        } catch (NumberFormatException mistake) {
            // Told below, with the same sentence.
        }
        throw new ApiException(ErrorCode.BAD_REQUEST, "tail is a number, 0.." + LogQuery.MAX_TAIL);
    }
}
