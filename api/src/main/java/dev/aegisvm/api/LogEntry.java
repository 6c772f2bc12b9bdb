package dev.aegisvm.api;

import module java.base;
import io.avaje.jsonb.Json;
import io.soabase.recordbuilder.core.RecordBuilder;
import org.jspecify.annotations.Nullable;

/** A line of an instance's log, or a piece of a long one; {@code openapi.yaml} describes the fields. */
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
    private static final int AROUND_THE_LINE = 200;

    /**
     * Written by hand: an entry carries what a guest prints, thousands a second, and the JSON library's writer fails at
     * long runs of control characters.
     */
    byte[] json() {
        StringBuilder json = new StringBuilder(line.length() + AROUND_THE_LINE);
        json.append("{\"ts\":\"").append(ts).append("\",\"stream\":\"");
        json.append(stream.wire()).append("\",\"line\":");
        text(json, line);
        json.append(",\"source\":\"").append(source.wire()).append("\",\"instance_id\":");
        text(json, instanceId);
        if (execId != null) {
            json.append(",\"exec_id\":");
            text(json, execId);
        }
        if (partial != null) {
            json.append(",\"partial\":").append(partial.booleanValue());
        }
        return json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void text(StringBuilder json, String text) {
        json.append('"');
        int copied = 0;
        for (int at = 0; at < text.length(); at++) {
            char next = text.charAt(at);
            if (next < ' ' || next == '"' || next == '\\' || next == 0x7f) {
                json.append(text, copied, at);
                escape(json, next);
                copied = at + 1;
            }
        }
        json.append(text, copied, text.length()).append('"');
    }

    private static void escape(StringBuilder json, char next) {
        switch (next) {
            case '"', '\\' -> json.append('\\').append(next);
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> HexFormat.of().toHexDigits(json.append("\\u00"), (byte) next);
        }
    }

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
