package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.daemon.logs.Segments.Position;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a log. It gets every entry once, in order. If it is so slow that the next entry is no longer kept, it
 * gets an entry that says how many it missed. For one thread, except {@link #cancel}.
 */
public final class LogTail implements AutoCloseable {
    private static final int BATCH_BYTES = 65_536;

    private final InstanceLog log;
    private final LogQuery query;
    private Position position;
    /** The file of the position, which stays readable when it is renamed or removed. */
    private @Nullable FileChannel file;

    private volatile boolean cancelled;

    /** Entries that follow each other, JSON with a newline each, and the place behind them. */
    private record Batch(List<ByteBuffer> lines, Position after) {}

    private LogTail(InstanceLog log, LogQuery query, Position position) {
        this.log = log;
        this.query = query;
        this.position = position;
    }

    /** Reads what is kept, and what follows if the query says so. */
    public static LogTail open(InstanceLog log, LogQuery query) throws IOException {
        return new LogTail(
                log,
                query,
                query.tail().isPresent()
                        ? beforeLast(log, query)
                        : log.segments().oldest());
    }

    /** The last lines that are kept, so many at most; none where they cannot be read. */
    public static List<String> lastLines(InstanceLog log, int most) {
        return last(log, most).stream()
                .map(json -> ApiJson.answer(LogEntry.class, json).line())
                .toList();
    }

    /** The last entries as JSON, in the same way. */
    public static List<byte[]> last(InstanceLog log, int most) {
        List<byte[]> entries = new ArrayList<>();
        LogQuery query = LogQueryBuilder.builder().tail(OptionalInt.of(most)).build();
        try (LogTail tail = open(log, query)) {
            for (List<ByteBuffer> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
                batch.forEach(line -> entries.add(bytes(line)));
            }
        } catch (IOException unreadable) {
            return entries;
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        return entries;
    }

    /** The place before the last entries that a query with a {@code tail} wants. */
    private static Position beforeLast(InstanceLog log, LogQuery query) throws IOException {
        int tail = query.tail().orElseThrow();
        Position end = log.segments().end();
        Position start = query.filters()
                ? log.segments().oldest()
                : log.segments().beginningBefore(Math.max(0, end.sequence() - tail));
        Deque<Position> last = new ArrayDeque<>();
        try (LogTail reader = new LogTail(log, query, start)) {
            while (reader.position.sequence() < end.sequence()) {
                Batch batch = reader.step();
                if (batch == null) {
                    break;
                }
                reader.collect(batch, last);
                reader.position = batch.after();
                while (last.size() > tail) {
                    last.removeFirst();
                }
            }
        }
        return last.isEmpty() ? end : last.getFirst();
    }

    private void collect(Batch batch, Deque<Position> places) {
        Position at = position;
        boolean gap = at.sequence() + batch.lines().size() != batch.after().sequence();
        for (ByteBuffer line : gap ? List.<ByteBuffer>of() : batch.lines()) {
            if (matches(line)) {
                places.addLast(at);
            }
            at = at.after(line.remaining());
        }
    }

    /** The next entries, each JSON with a newline; blocks if the query follows and there are none. Empty at the end. */
    public List<ByteBuffer> next() throws IOException, InterruptedException {
        while (!cancelled) {
            Batch batch = step();
            if (batch == null) {
                if (!query.follow() || !log.await(position, query.until(), () -> cancelled)) {
                    return List.of();
                }
                continue;
            }
            position = batch.after();
            List<ByteBuffer> wanted =
                    batch.lines().stream().filter(this::matches).toList();
            if (!wanted.isEmpty()) {
                return wanted;
            }
        }
        return List.of();
    }

    /** Ends a blocked {@link #next} and all later ones; from any thread. */
    public void cancel() {
        cancelled = true;
        log.wakeReaders();
    }

    @Override
    public void close() throws IOException {
        cancel();
        closeFile();
    }

    private void closeFile() throws IOException {
        if (file != null) {
            file.close();
            file = null;
        }
    }

    /** Some entries from here on; null at the end of the log. */
    private @Nullable Batch step() throws IOException {
        Position end = log.segments().end();
        if (position.sequence() >= end.sequence()) {
            return null;
        }
        if (file == null) {
            file = log.segments().open(position);
            if (file == null) {
                Position oldest = log.segments().oldest();
                long missed = oldest.sequence() - position.sequence();
                return new Batch(missed > 0 ? List.of(gap(missed)) : List.of(), oldest);
            }
        }
        boolean current = position.segment() >= end.segment();
        List<ByteBuffer> lines = read(file, position.offset(), current ? end.offset() : Long.MAX_VALUE);
        if (lines.isEmpty()) {
            closeFile();
            return new Batch(lines, current ? end : position.nextSegment());
        }
        Position after = position;
        for (ByteBuffer line : lines) {
            after = after.after(line.remaining());
        }
        return new Batch(lines, after);
    }

    /** Whole lines from an offset on, one at least; none at the limit or the file's end. */
    private static List<ByteBuffer> read(FileChannel file, long offset, long limit) throws IOException {
        int size = BATCH_BYTES;
        while (true) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, Math.max(0, limit - offset)));
            while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {
                // Until it is full or the file ends.
            }
            List<ByteBuffer> lines = lines(buffer.flip());
            if (!lines.isEmpty() || buffer.limit() < size) {
                return lines;
            }
            size *= 4;
        }
    }

    private static List<ByteBuffer> lines(ByteBuffer bytes) {
        List<ByteBuffer> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            if (bytes.get(i) == '\n') {
                lines.add(bytes.slice(from, i + 1 - from).asReadOnlyBuffer());
                from = i + 1;
            }
        }
        return lines;
    }

    private ByteBuffer gap(long missed) {
        byte[] json = log.entry(missed + " log entries are missing: they were deleted");
        return ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    }

    private boolean matches(ByteBuffer line) {
        return !query.filters() || query.wants(ApiJson.answer(LogEntry.class, bytes(line)));
    }

    private static byte[] bytes(ByteBuffer line) {
        byte[] json = new byte[line.remaining()];
        line.duplicate().get(json);
        return json;
    }
}
