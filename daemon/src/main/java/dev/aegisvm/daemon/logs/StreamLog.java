package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import dev.aegisvm.api.LogEntry.LogStream;
import dev.aegisvm.api.LogEntryBuilder;
import dev.aegisvm.host.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bytes of one output stream of one process into an instance's log, an entry for each line. Longer lines are cut into
 * pieces of at most {@value #MAX_PIECE} bytes, so that no more than one piece is held. For one thread.
 */
public final class StreamLog {
    /** In bytes of the guest; every JSON parser takes a string of this length. */
    private static final int MAX_PIECE = 32_000;

    private final InstanceLog log;
    private final LogStream stream;
    private final @Nullable String execId;
    /** What has come of the line that has not ended. */
    private ByteArrayOutputStream pending = new ByteArrayOutputStream();

    /** @param execId absent for the main process */
    public StreamLog(InstanceLog log, LogStream stream, @Nullable String execId) {
        this.log = log;
        this.stream = stream;
        this.execId = execId;
    }

    /**
     * Takes some bytes; the reader gets the entries that they completed, as JSON without a newline, before they are written. In
     * what is written, values of secrets are hidden.
     */
    public void write(byte[] bytes, int length, Consumer<List<byte[]>> reader) {
        List<LogEntry> entries = new ArrayList<>();
        int from = 0;
        while (from < length) {
            int newline = from;
            while (newline < length && bytes[newline] != '\n') {
                newline++;
            }
            take(bytes, from, newline, entries);
            if (newline < length) {
                endLine(entries);
            }
            from = newline + 1;
        }
        write(entries, reader);
    }

    /** The stream ended; a line without a newline is an entry too. */
    public void end(Consumer<List<byte[]>> reader) {
        List<LogEntry> entries = new ArrayList<>();
        if (pending.size() > 0) {
            endLine(entries);
        }
        pending = new ByteArrayOutputStream();
        write(entries, reader);
    }

    private void write(List<LogEntry> entries, Consumer<List<byte[]>> reader) {
        if (!entries.isEmpty()) {
            List<byte[]> encoded = entries.stream().map(ApiJson::write).toList();
            reader.accept(encoded);
            SecretMask mask = log.mask();
            log.append(mask.hides() ? masked(entries, mask) : encoded);
        }
    }

    private static List<byte[]> masked(List<LogEntry> entries, SecretMask mask) {
        return entries.stream()
                .map(entry -> ApiJson.write(LogEntryBuilder.builder(entry)
                        .line(mask.hide(entry.line()))
                        .build()))
                .toList();
    }

    private void take(byte[] bytes, int from, int to, List<LogEntry> entries) {
        int at = from;
        while (at < to) {
            if (pending.size() == MAX_PIECE) {
                endPiece(entries);
            }
            int count = Math.min(to - at, MAX_PIECE - pending.size());
            pending.write(bytes, at, count);
            at += count;
        }
    }

    private void endLine(List<LogEntry> entries) {
        entries.add(entry(pending.toString(StandardCharsets.UTF_8), null));
        pending.reset();
    }

    /** A full buffer becomes a piece; a character that is cut at its end goes to the next one. */
    private void endPiece(List<LogEntry> entries) {
        byte[] all = pending.toByteArray();
        int characters = Utf8.whole(ByteBuffer.wrap(all));
        // What may be the beginning of a secret goes with its end.
        int whole = characters - log.mask().begun(all, characters);
        entries.add(entry(new String(all, 0, whole, StandardCharsets.UTF_8), true));
        pending.reset();
        pending.write(all, whole, all.length - whole);
    }

    /** Bytes that are no UTF-8 become U+FFFD. */
    private LogEntry entry(String line, @Nullable Boolean partial) {
        LogSource source = execId == null ? LogSource.SERVER : LogSource.EXEC;
        return new LogEntry(Instant.now(), stream, line, source, log.instanceId(), execId, partial);
    }
}
