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

    /** The last entries that are kept, as JSON, so many at most; none where they cannot be read. */
    public static List<byte[]> last(InstanceLog log, int most) {
        List<byte[]> entries = new ArrayList<>();
        LogQuery query = LogQueryBuilder.builder().tail(OptionalInt.of(most)).build();
        try (LogTail tail = open(log, query)) {
            for (List<byte[]> batch = tail.next(); !batch.isEmpty(); batch = tail.next()) {
                entries.addAll(batch);
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
                Position before = reader.position;
                List<byte[]> lines = reader.step();
                if (lines == null) {
                    break;
                }
                reader.collect(before, lines, last);
                while (last.size() > tail) {
                    last.removeFirst();
                }
            }
        }
        return last.isEmpty() ? end : last.getFirst();
    }

    private void collect(Position before, List<byte[]> lines, Deque<Position> places) {
        Position at = before;
        boolean gap = at.sequence() + lines.size() != position.sequence();
        for (byte[] line : gap ? List.<byte[]>of() : lines) {
            if (matches(line)) {
                places.addLast(at);
            }
            at = at.after(line);
        }
    }

    /** The next entries, JSON without a newline; blocks if the query follows and there are none. Empty at the end. */
    public List<byte[]> next() throws IOException, InterruptedException {
        while (!cancelled) {
            List<byte[]> lines = step();
            if (lines == null) {
                if (!query.follow() || !log.await(position, query, () -> cancelled)) {
                    return List.of();
                }
                continue;
            }
            List<byte[]> wanted = lines.stream().filter(this::matches).toList();
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

    /** Some entries from the position on, which moves behind them; null at the end of the log. */
    private @Nullable List<byte[]> step() throws IOException {
        Position end = log.segments().end();
        if (position.sequence() >= end.sequence()) {
            return null;
        }
        if (file == null) {
            file = log.segments().open(position);
            if (file == null) {
                Position oldest = log.segments().oldest();
                long missed = oldest.sequence() - position.sequence();
                byte[] gap = log.entry(missed + " log entries are missing: they were deleted");
                position = oldest;
                return missed > 0 ? List.of(gap) : List.of();
            }
        }
        boolean current = position.segment() >= end.segment();
        List<byte[]> lines = read(file, position.offset(), current ? end.offset() : Long.MAX_VALUE);
        if (lines.isEmpty()) {
            closeFile();
            position = current ? end : position.nextSegment();
        }
        for (byte[] line : lines) {
            position = position.after(line);
        }
        return lines;
    }

    /** Whole lines from an offset on, one at least; none at the limit or the file's end. */
    private static List<byte[]> read(FileChannel file, long offset, long limit) throws IOException {
        int size = BATCH_BYTES;
        while (true) {
            ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(size, Math.max(0, limit - offset)));
            while (buffer.hasRemaining() && file.read(buffer, offset + buffer.position()) > 0) {
                // Until it is full or the file ends.
            }
            List<byte[]> lines = lines(buffer.array(), buffer.position());
            if (!lines.isEmpty() || buffer.position() < size) {
                return lines;
            }
            size *= 4;
        }
    }

    private static List<byte[]> lines(byte[] bytes, int length) {
        List<byte[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < length; i++) {
            if (bytes[i] == '\n') {
                lines.add(Arrays.copyOfRange(bytes, from, i));
                from = i + 1;
            }
        }
        return lines;
    }

    private boolean matches(byte[] line) {
        return !query.filters() || query.wants(ApiJson.answer(LogEntry.class, line));
    }
}
