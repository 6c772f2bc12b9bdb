package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.LogEntry.*;
import org.jspecify.annotations.Nullable;

/**
 * Writes the bytes of one output stream of one process into an instance's log, an entry for each line. Longer lines are
 * cut into pieces of at most {@value #MAX_PIECE} bytes, so that no more than one piece is held. For one thread.
 */
public final class StreamLog {
    /** In bytes of the guest; every JSON parser takes a string of this length. */
    private static final int MAX_PIECE = 32_000;

    private static final int FIRST_CAPACITY = 256;
    /** Of a character in UTF-8, in bytes. */
    private static final int LONGEST = 4;

    private final InstanceLog log;
    private final LogStream stream;
    private final @Nullable String execId;
    /** What has come of the line that has not ended. */
    private byte[] pending = new byte[FIRST_CAPACITY];

    private int filled;

    /** @param execId absent for the main process */
    public StreamLog(InstanceLog log, LogStream stream, @Nullable String execId) {
        this.log = log;
        this.stream = stream;
        this.execId = execId;
    }

    /** The reader gets what these bytes complete, as JSON without a newline, before it is masked and written. */
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
        if (filled > 0) {
            endLine(entries);
        }
        pending = new byte[FIRST_CAPACITY];
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
            if (filled == MAX_PIECE) {
                endPiece(entries);
            }
            int count = Math.min(to - at, MAX_PIECE - filled);
            if (filled + count > pending.length) {
                pending = Arrays.copyOf(pending, Math.min(MAX_PIECE, Math.max(filled + count, pending.length * 2)));
            }
            System.arraycopy(bytes, at, pending, filled, count);
            filled += count;
            at += count;
        }
    }

    private void endLine(List<LogEntry> entries) {
        entries.add(entry(filled, null));
        filled = 0;
    }

    /** A full buffer becomes a piece; a character that is cut at its end goes to the next one. */
    private void endPiece(List<LogEntry> entries) {
        ByteBuffer end = ByteBuffer.wrap(pending, filled - LONGEST, LONGEST);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPLACE);
        // It leaves what begins a character that needs more bytes.
        var _ = decoder.decode(end, CharBuffer.allocate(LONGEST), false);
        int whole = filled - end.remaining();
        // What may be the beginning of a secret goes with its end.
        whole -= log.mask().begun(pending, whole);
        entries.add(entry(whole, true));
        System.arraycopy(pending, whole, pending, 0, filled - whole);
        filled -= whole;
    }

    /** Bytes that are no UTF-8 become U+FFFD. */
    private LogEntry entry(int length, @Nullable Boolean partial) {
        String line = new String(pending, 0, length, StandardCharsets.UTF_8);
        LogSource source = execId == null ? LogSource.SERVER : LogSource.EXEC;
        return new LogEntry(Instant.now(), stream, line, source, log.instanceId(), execId, partial);
    }
}
