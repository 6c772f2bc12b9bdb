package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes the bytes of one output stream of one process into an instance's log. For one thread. */
public final class StreamLog {
    private final InstanceLog log;
    private final LogStream stream;
    private final LogSource source;
    private final @Nullable String execId;
    private final LineSplitter splitter = new LineSplitter();

    /** @param execId absent for the main process */
    public StreamLog(InstanceLog log, LogStream stream, @Nullable String execId) {
        this.log = log;
        this.stream = stream;
        this.source = execId == null ? LogSource.SERVER : LogSource.EXEC;
        this.execId = execId;
    }

    /**
     * Takes some bytes.
     *
     * @return the entries that they completed, as JSON without a newline
     */
    public List<byte[]> write(byte[] bytes, int length) {
        List<LogEntry> entries = new ArrayList<>();
        splitter.feed(bytes, 0, length, collecting(entries));
        return log.append(entries);
    }

    /** The stream ended; a line without a newline is an entry too. */
    public List<byte[]> end() {
        List<LogEntry> entries = new ArrayList<>();
        splitter.end(collecting(entries));
        return log.append(entries);
    }

    private LineSplitter.Pieces collecting(List<LogEntry> entries) {
        Instant now = Instant.now();
        return (text, partial) -> entries.add(
                new LogEntry(now, stream, text, source, log.instanceId(), execId, partial ? Boolean.TRUE : null));
    }
}
