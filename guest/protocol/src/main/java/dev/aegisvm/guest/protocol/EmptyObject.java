package dev.aegisvm.guest.protocol;

import io.avaje.json.JsonAdapter;
import io.avaje.json.JsonReader;
import io.avaje.json.JsonWriter;

/** The JSON of a record without components, for which no adapter is generated: an object; members that it has are skipped. */
final class EmptyObject<T> implements JsonAdapter<T> {
    private final T value;

    EmptyObject(T value) {
        this.value = value;
    }

    @Override
    public void toJson(JsonWriter writer, T ignored) {
        writer.beginObject();
        writer.endObject();
    }

    @Override
    public T fromJson(JsonReader reader) {
        reader.beginObject();
        while (reader.hasNextField()) {
            reader.unmappedField(reader.nextField());
            reader.skipValue();
        }
        reader.endObject();
        return value;
    }
}
