package dev.aegisvm.daemon.http;

import dev.aegisvm.daemon.instance.Instances;
import dev.aegisvm.daemon.logs.InstanceLog;
import dev.aegisvm.daemon.logs.LogQuery;
import dev.aegisvm.daemon.logs.LogTail;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.List;

/** Reads an instance's log to a client, as it is or as it grows. */
final class LogsHandler {
    private static final System.Logger LOG = System.getLogger(LogsHandler.class.getName());

    private final Instances instances;

    LogsHandler(Instances instances) {
        this.instances = instances;
    }

    void get(Exchange exchange) {
        LogQuery query = LogQueries.of(exchange);
        InstanceLog log = instances.log(exchange.ref());
        try (LogTail tail = log.read(query)) {
            Ndjson lines = exchange.ndjson();
            lines.whenLeft(tail::cancel);
            copy(tail, lines);
            lines.end();
        } catch (IOException obstacle) {
            LOG.log(Level.DEBUG, "logs of " + exchange.ref() + ": " + obstacle.getMessage());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(LogTail tail, Ndjson lines) throws IOException, InterruptedException {
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
}
