package dev.aegisvm.daemon.logs;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A reader of a log. It sees every entry once, in order; when it is so slow that its place is no longer kept, it gets an
 * entry that says how many it missed. For one thread, except {@link #cancel}.
 */
public final class LogTail implements AutoCloseable {
    private final InstanceLog log;
    private final LogQuery query;
    private final FileLines file = new FileLines();
    private Position position;
    private volatile boolean cancelled;

    private LogTail(InstanceLog log, LogQuery query, Position position) {
        this.log = log;
        this.query = query;
        this.position = position;
    }

    /** Reads what is kept, and what follows if the query says so. */
    public static LogTail open(InstanceLog log, LogQuery query) throws IOException {
        if (query.tail().isEmpty()) {
            return new LogTail(log, query, log.oldest());
        }
        int tail = query.tail().getAsInt();
        Position end = log.end();
        if (tail == 0) {
            return new LogTail(log, query, end);
        }
        if (query.filters()) {
            return new LogTail(log, query, beforeLastMatches(log, query, tail, end));
        }
        long first = Math.max(0, end.sequence() - tail);
        LogTail reader = new LogTail(log, query, log.beginningBefore(first));
        reader.skipTo(first);
        return reader;
    }

    /**
     * The next entries, each JSON with a newline; blocks while there are none and the query follows.
     *
     * @return empty when there are no more
     */
    public List<ByteBuffer> next() throws IOException, InterruptedException {
        while (!cancelled) {
            Batch batch = step();
            if (batch == null) {
                if (!query.follow() || !log.await(position, () -> cancelled)) {
                    return List.of();
                }
                continue;
            }
            position = batch.after();
            List<ByteBuffer> wanted = filter(batch.lines());
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
        file.close();
    }

    /** Some entries from here on; null at the end of the log. */
    private @Nullable Batch step() throws IOException {
        Position end = log.end();
        if (position.sequence() >= end.sequence()) {
            return null;
        }
        Batch remembered = log.inMemory(position);
        if (remembered != null) {
            file.close();
            return remembered;
        }
        return fromFile(end);
    }

    private Batch fromFile(Position end) throws IOException {
        if (!file.isOpen()) {
            FileChannel channel = log.open(position);
            if (channel == null) {
                Position oldest = log.oldest();
                long missed = oldest.sequence() - position.sequence();
                return new Batch(missed > 0 ? List.of(gap(missed)) : List.of(), oldest);
            }
            file.open(channel);
        }
        boolean current = position.segment() >= end.segment();
        Batch batch = Batch.from(position, file.read(position.offset(), current ? end.offset() : Long.MAX_VALUE));
        if (!batch.lines().isEmpty()) {
            return batch;
        }
        file.close();
        return new Batch(List.of(), current ? end : position.nextSegment());
    }

    private ByteBuffer gap(long missed) {
        byte[] json = log.missing(missed, "were missed: they are no longer kept");
        return ByteBuffer.allocate(json.length + 1).put(json).put((byte) '\n').flip();
    }

    private List<ByteBuffer> filter(List<ByteBuffer> lines) {
        return query.filters() ? lines.stream().filter(this::matches).toList() : lines;
    }

    private boolean matches(ByteBuffer line) {
        byte[] json = new byte[line.remaining()];
        line.duplicate().get(json);
        LogEntry entry = ApiJson.answer(LogEntry.class, json);
        return query.since().map(since -> !entry.ts().isBefore(since)).orElse(true)
                && query.execId().map(id -> id.equals(entry.execId())).orElse(true);
    }

    /** Reads on until the entry with this number is the next one. */
    private void skipTo(long sequence) throws IOException {
        while (position.sequence() < sequence) {
            Batch batch = step();
            if (batch == null) {
                return;
            }
            long here = position.sequence();
            boolean gapless = here + batch.lines().size() == batch.after().sequence();
            int skipped = (int) Math.min(sequence - here, batch.lines().size());
            position = gapless
                    ? skipped == batch.lines().size()
                            ? batch.after()
                            : Batch.from(position, batch.lines().subList(0, skipped))
                                    .after()
                    : batch.after();
        }
    }

    private static Position beforeLastMatches(InstanceLog log, LogQuery query, int tail, Position end)
            throws IOException {
        Deque<Position> matches = new ArrayDeque<>();
        try (LogTail reader = new LogTail(log, query, log.oldest())) {
            while (reader.position.sequence() < end.sequence()) {
                Batch batch = reader.step();
                if (batch == null) {
                    break;
                }
                reader.collect(batch, matches);
                reader.position = batch.after();
                while (matches.size() > tail) {
                    matches.removeFirst();
                }
            }
        }
        return matches.isEmpty() ? end : matches.getFirst();
    }

    /** Adds the places of those lines that the query wants. */
    private void collect(Batch batch, Deque<Position> matches) {
        Position at = position;
        for (ByteBuffer line : batch.lines()) {
            if (matches(line)) {
                matches.addLast(at);
            }
            at = at.after(line.remaining());
        }
    }
}
