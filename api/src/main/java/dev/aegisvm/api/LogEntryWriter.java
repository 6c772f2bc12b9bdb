package dev.aegisvm.api;

import java.nio.charset.StandardCharsets;

/**
 * Writes log entries by hand. They carry whatever a guest prints, thousands a second, and the JSON library's writer
 * fails at long runs of control characters.
 */
final class LogEntryWriter {
    private static final int AROUND_THE_LINE = 200;
    private static final String HEX = "0123456789abcdef";

    private LogEntryWriter() {}

    static byte[] write(LogEntry entry) {
        StringBuilder json = new StringBuilder(entry.line().length() + AROUND_THE_LINE);
        json.append("{\"ts\":\"").append(entry.ts()).append("\",\"stream\":\"");
        json.append(entry.stream().wire()).append("\",\"line\":");
        text(json, entry.line());
        json.append(",\"source\":\"").append(entry.source().wire()).append("\",\"instance_id\":");
        text(json, entry.instanceId());
        if (entry.execId() != null) {
            json.append(",\"exec_id\":");
            text(json, entry.execId());
        }
        if (entry.partial() != null) {
            json.append(",\"partial\":").append(entry.partial().booleanValue());
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
            default -> json.append("\\u00").append(HEX.charAt(next >> 4)).append(HEX.charAt(next & 0xf));
        }
    }
}
