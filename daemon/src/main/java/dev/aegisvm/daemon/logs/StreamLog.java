package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
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
     * @param reader gets the entries that they completed, as JSON without a newline, before they are written
     */
    public void write(byte[] bytes, int length, Consumer<List<byte[]>> reader) {
        List<LogEntry> entries = new ArrayList<>();
        splitter.feed(bytes, 0, length, collecting(entries));
        write(entries, reader);
    }

    /** The stream ended; a line without a newline is an entry too. */
    public void end(Consumer<List<byte[]>> reader) {
        List<LogEntry> entries = new ArrayList<>();
        splitter.end(collecting(entries));
        write(entries, reader);
    }

    private void write(List<LogEntry> entries, Consumer<List<byte[]>> reader) {
        if (!entries.isEmpty()) {
            List<byte[]> encoded = InstanceLog.encoded(entries);
            reader.accept(encoded);
            log.append(encoded);
        }
    }

    private LineSplitter.Pieces collecting(List<LogEntry> entries) {
        Instant now = Instant.now();
        return (text, partial) -> entries.add(
                new LogEntry(now, stream, text, source, log.instanceId(), execId, partial ? Boolean.TRUE : null));
    }
}
