package dev.aegisvm.api;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;

/** Reads integers as they are written: the parser's own reader lets one that is too large wrap around to another. */
final class WholeNumber implements JsonAdapter<Integer> {
    private static final int MAX_SHOWN = 40;

    @Override
    public void toJson(JsonWriter writer, Integer value) {
        writer.value(value);
    }

    @Override
    public Integer fromJson(JsonReader reader) {
        String raw = reader.readRaw().strip();
        try {
            return Integer.valueOf(raw);
        } catch (NumberFormatException other) {
            String shown = raw.length() <= MAX_SHOWN ? raw : raw.substring(0, MAX_SHOWN) + "…";
            throw new ApiException(
                    ErrorCode.BAD_REQUEST,
                    "a whole number up to " + Integer.MAX_VALUE + " is expected in the body, not " + shown,
                    other);
        }
    }
}
