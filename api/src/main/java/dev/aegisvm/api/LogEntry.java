package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A line of an instance's log, or a piece (of some 32 KB) of a longer one.
 *
 * @param line the text without its newline; bytes that are no UTF-8 became U+FFFD
 * @param execId the exec that wrote it; absent for the main process
 * @param partial true on every piece of a line but its last
 */
@RecordBuilder
@Json(naming = Json.Naming.LowerUnderscore)
public record LogEntry(
        Instant ts,
        LogStream stream,
        String line,
        LogSource source,
        String instanceId,
        @Nullable String execId,
        @Nullable Boolean partial) {

    public enum LogStream {
        STDOUT,
        STDERR,
        SYSTEM;

        private final String wire = name().toLowerCase(Locale.ROOT);

        @Json.Value
        public String wire() {
            return wire;
        }
    }

    /** Who wrote a log entry: the main process, an exec, or the daemon. */
    public enum LogSource {
        SERVER,
        EXEC,
        SYSTEM;

        private final String wire = name().toLowerCase(Locale.ROOT);

        /** The source that has this word, or {@code main} for the main process; empty when none has. */
        public static Optional<LogSource> of(String word) {
            return Arrays.stream(values())
                    .filter(source -> source.wire.equals(word) || (source == SERVER && word.equals("main")))
                    .findFirst();
        }

        @Json.Value
        public String wire() {
            return wire;
        }
    }
}
