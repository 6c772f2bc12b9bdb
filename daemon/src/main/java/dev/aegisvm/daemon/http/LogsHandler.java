package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.logs.EventLog;
import dev.aegisvm.daemon.logs.LogQuery;
import dev.aegisvm.daemon.logs.LogTail;

/** Sends log entries and events to a client, those that there are and those that come. */
record LogsHandler(Instances instances, EventLog events) {
    private static final int MAX_EXEC_ID = 64;

    void addTo(RouteTable routes) {
        routes.serve(Routes.LOGS, this::logs);
        routes.serve(Routes.EVENTS, this::events);
    }

    private void logs(Exchange exchange) throws IOException, InterruptedException {
        LogQuery query = query(exchange);
        try (LogTail tail = LogTail.open(instances.log(exchange.ref()), query)) {
            ByteAnswer lines = exchange.bytes(Routes.LOGS);
            lines.whenLeft(tail::cancel);
            for (List<ByteBuffer> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
                lines.lines(block(batch));
            }
            lines.end();
        }
    }

    private static byte[] block(List<ByteBuffer> batch) {
        ByteBuffer block = ByteBuffer.allocate(
                batch.stream().mapToInt(ByteBuffer::remaining).sum());
        batch.forEach(line -> block.put(line.duplicate()));
        return block.array();
    }

    private void events(Exchange exchange) throws IOException, InterruptedException {
        EventLog.Tail tail = events.read(query(exchange));
        ByteAnswer lines = exchange.bytes(Routes.EVENTS);
        lines.whenLeft(tail::cancel);
        for (Optional<EventView> next = tail.next(); next.isPresent(); next = tail.next()) {
            lines.line(ApiJson.write(next.get()));
        }
        lines.end();
    }

    private static LogQuery query(Exchange exchange) {
        OptionalLong tail = exchange.number("tail", 10, LogQuery.MAX_TAIL, "a number, 0.." + LogQuery.MAX_TAIL);
        Optional<String> execId = exchange.query("exec_id");
        if (execId.filter(id -> id.length() > MAX_EXEC_ID).isPresent()) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "exec_id has " + MAX_EXEC_ID + " characters at most");
        }
        return new LogQuery(
                exchange.flag("follow"),
                exchange.query("since").map(LogsHandler::since),
                tail.isPresent() ? OptionalInt.of((int) tail.getAsLong()) : OptionalInt.empty(),
                execId);
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
}
