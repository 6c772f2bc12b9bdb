package dev.aegisvm.daemon.logs;

import module java.base;

/**
 * Which entries of a log a reader wants.
 *
 * @param follow whether it also wants those to come
 * @param since none older than this
 * @param tail at most so many of those that are there; 0..{@value #MAX_TAIL}
 * @param execId those of one exec only
 */
public record LogQuery(boolean follow, Optional<Instant> since, OptionalInt tail, Optional<String> execId) {
    public static final int MAX_TAIL = 100_000;

    /** All that is kept. */
    public static LogQuery all() {
        return new LogQuery(false, Optional.empty(), OptionalInt.empty(), Optional.empty());
    }

    boolean filters() {
        return since.isPresent() || execId.isPresent();
    }
}
