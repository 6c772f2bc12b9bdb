package dev.aegisvm.daemon.logs;

import module java.base;
import dev.aegisvm.api.LogEntry;
import dev.aegisvm.api.LogEntry.LogSource;
import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * Which entries of a log a reader wants.
 *
 * @param follow whether it also wants those to come
 * @param since none older than this
 * @param until none that is not older than this; a follower ends then
 * @param tail at most so many of those that are there; 0..{@value #MAX_TAIL}
 */
@RecordBuilder
public record LogQuery(
        boolean follow,
        Optional<Instant> since,
        Optional<Instant> until,
        OptionalInt tail,
        Optional<String> execId,
        Optional<LogSource> source) {
    public static final int MAX_TAIL = 100_000;

    boolean filters() {
        return since.isPresent() || until.isPresent() || execId.isPresent() || source.isPresent();
    }

    /** For how many nanoseconds from now on a follower waits; 0 or less: no longer. */
    long patience() {
        return until.map(end -> TimeUnit.NANOSECONDS.convert(Duration.between(Instant.now(), end)))
                .orElse(Long.MAX_VALUE);
    }

    boolean wants(LogEntry entry) {
        return wants(entry.ts())
                && execId.map(id -> id.equals(entry.execId())).orElse(true)
                && source.map(entry.source()::equals).orElse(true);
    }

    boolean wants(Instant moment) {
        return since.map(since -> !moment.isBefore(since)).orElse(true)
                && until.map(moment::isBefore).orElse(true);
    }
}
