package dev.aegisvm.api;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonDataException;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;

/** Reads strings of any length: the parser's own reader gives up at 32768 characters, and a script can be longer. */
public final class LongText implements JsonAdapter<String> {
    private static final int HEX = 16;
    private static final int ESCAPE_DIGITS = 4;

    @Override
    public void toJson(JsonWriter writer, String value) {
        writer.value(value);
    }

    @Override
    public String fromJson(JsonReader reader) {
        String raw = reader.readRaw().strip();
        if (raw.length() < 2 || raw.charAt(0) != '"' || raw.charAt(raw.length() - 1) != '"') {
            throw new JsonDataException("a string is expected");
        }
        int escape = raw.indexOf('\\');
        return escape < 0 ? raw.substring(1, raw.length() - 1) : unescaped(raw, escape);
    }

    private static String unescaped(String raw, int firstEscape) {
        StringBuilder text = new StringBuilder(raw.length());
        int end = raw.length() - 1;
        int copied = 1;
        int escape = firstEscape;
        while (escape >= 0 && escape + 1 < end) {
            text.append(raw, copied, escape);
            boolean unicode = raw.charAt(escape + 1) == 'u' && escape + 1 + ESCAPE_DIGITS < end;
            copied = escape + 2 + (unicode ? ESCAPE_DIGITS : 0);
            text.append(
                    unicode ? (char) Integer.parseInt(raw, escape + 2, copied, HEX) : meaning(raw.charAt(escape + 1)));
            escape = raw.indexOf('\\', copied);
        }
        return text.append(raw, copied, end).toString();
    }

    private static char meaning(char escaped) {
        return switch (escaped) {
            case 'n' -> '\n';
            case 't' -> '\t';
            case 'r' -> '\r';
            case 'b' -> '\b';
            case 'f' -> '\f';
            case '"', '\\', '/' -> escaped;
            default -> throw new JsonDataException("'\\" + escaped + "' means nothing in a string");
        };
    }
}
