package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.daemon.instance.*;
import dev.aegisvm.daemon.logs.*;

/** Sends log entries and events to a client, those that there are and those that come. */
final class LogsHandler {
    private static final int MAX_EXEC_ID = 64;

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

    private void logs(Exchange exchange) throws IOException, InterruptedException {
        LogQuery query = query(exchange);
        send(exchange, Routes.LOGS, instances.log(exchange.ref()), query);
    }

    static void send(Exchange exchange, Route<?, ?> route, InstanceLog log, LogQuery query)
            throws IOException, InterruptedException {
        try (LogTail tail = LogTail.open(log, query)) {
            ByteAnswer lines = exchange.bytes(route);
            lines.whenLeft(tail::cancel);
            for (List<byte[]> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
                for (byte[] entry : batch) {
                    lines.out().write(entry);
                    lines.out().write('\n');
                }
                lines.out().flush();
            }
            lines.end();
        }
    }

    private void events(Exchange exchange) throws IOException, InterruptedException {
        List<String> states = exchange.queries("state");
        Views.Filter filter = new Views.Filter(Set.of(), exchange.queries("label"), exchange.query("name"));
        BiPredicate<EventView, Map<String, String>> wanted =
                (event, labels) -> (states.isEmpty() || states.contains(event.to()))
                        && filter.accepts(Objects.requireNonNullElse(event.handle(), ""), event.instanceId(), labels);
        try (EventLog.Tail tail = events.read(query(exchange), wanted)) {
            ByteAnswer lines = exchange.bytes(Routes.EVENTS);
            lines.whenLeft(tail::cancel);
            for (Optional<EventView> next = tail.next(); next.isPresent(); next = tail.next()) {
                lines.line(ApiJson.write(next.get()));
            }
            lines.end();
        }
    }

    private static LogQuery query(Exchange exchange) {
        Optional<Long> tail = exchange.number("tail", 10, LogQuery.MAX_TAIL, "a number, 0.." + LogQuery.MAX_TAIL);
        Optional<String> execId = exchange.query("exec_id");
        if (execId.filter(id -> id.length() > MAX_EXEC_ID).isPresent()) {
            throw ErrorCode.BAD_REQUEST.refusal("exec_id must be at most " + MAX_EXEC_ID + " characters");
        }
        return LogQueryBuilder.builder()
                .follow(exchange.flag("follow"))
                .since(moment(exchange, "since"))
                .until(moment(exchange, "until"))
                .tail(tail.map(most -> OptionalInt.of(most.intValue())).orElse(OptionalInt.empty()))
                .execId(execId)
                .source(exchange.query("source").map(LogsHandler::source))
                .build();
    }

    private static Optional<Instant> moment(Exchange exchange, String key) {
        return exchange.query(key)
                .map(text -> LooseDuration.moment(text)
                        .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal(
                                key + " must be an RFC 3339 time, or a duration such as 10m")));
    }

    private static LogSource source(String word) {
        return LogSource.of(word)
                .orElseThrow(() -> ErrorCode.BAD_REQUEST.refusal("source must be one of main, exec, system"));
    }
}
