package dev.aegisvm.guest.protocol;

import module java.base;
import dev.aegisvm.host.JsonShape;
import io.avaje.json.*;
import io.avaje.jsonb.*;
import org.jspecify.annotations.Nullable;

/** Control messages to JSON and back; the JSON that arrives is the guest's, so nothing of it is taken for granted. */
final class Messages {
    private static final Jsonb JSON = Jsonb.builder()
            .serializeNulls(false)
            .serializeEmpty(true)
            .failOnNullPrimitives(true)
            .add(ToGuest.Health.class, new EmptyObject<>(new ToGuest.Health()))
            .add(ToGuest.Park.class, new EmptyObject<>(new ToGuest.Park()))
            .add(ToGuest.Checkpoint.class, new EmptyObject<>(new ToGuest.Checkpoint()))
            .add(ToGuest.Release.class, new EmptyObject<>(new ToGuest.Release()))
            .add(FromGuest.Done.class, new EmptyObject<>(new FromGuest.Done()))
            .build();

    static final int MAX_DEPTH = 16;

    private Messages() {}

    static byte[] request(long id, ToGuest<?> call) {
        String json = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + call.method() + "\",\"params\":"
                + JSON.toJson(call) + "}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    static Envelope envelope(byte[] json) throws ProtocolViolation {
        checkShape(JsonShape.of(json));
        Envelope envelope = read(new String(json, StandardCharsets.UTF_8), Envelope.class);
        if (!"2.0".equals(envelope.jsonrpc())) {
            throw new ProtocolViolation("a control message that is not JSON-RPC 2.0");
        }
        return envelope;
    }

    private static void checkShape(JsonShape shape) throws ProtocolViolation {
        if (shape.depth() > MAX_DEPTH) {
            throw new ProtocolViolation("a control message nested deeper than " + MAX_DEPTH);
        }
        if (shape.isMalformed()) {
            throw new ProtocolViolation("a control message that is not UTF-8, or not well-formed JSON");
        }
        if (shape.hasOddNumber()) {
            throw new ProtocolViolation("a control message with a number that is not a short whole number");
        }
    }

    /** Reads a part of a message that {@link #envelope} accepted. */
    static <T> T read(@Nullable String json, Class<T> type) throws ProtocolViolation {
        if (json == null) {
            throw new ProtocolViolation("a control message without its " + type.getSimpleName());
        }
        T value;
        try {
            value = JSON.type(type).fromJson(json);
        } catch (RuntimeException e) {
            // The parser has an exception of its own for some faults only.
            throw new ProtocolViolation("a control message that is not a JSON " + type.getSimpleName(), e);
        }
        if (value == null) {
            throw new ProtocolViolation("a control message with null for its " + type.getSimpleName());
        }
        return value;
    }

    /** A JSON-RPC 2.0 message from the guest: an answer has an id and a result or error, a notification a method. */
    @Json
    record Envelope(
            @Nullable String jsonrpc,
            @Nullable Long id,
            @Nullable String method,
            @Json.Raw @Nullable String params,
            @Json.Raw @Nullable String result,
            @Nullable Failure error) {

        @Json
        record Failure(
                int code,
                @Nullable String message,
                @Nullable Detail data) {
            private static final int LONGEST = 1000;

            CallFailed exception(String method) {
                int errno = data == null || data.errno() == null ? 0 : data.errno();
                String path = data == null || data.path() == null ? null : printable(data.path());
                String said = method + ": " + printable(message == null ? "" : message);
                return new CallFailed(code, said, errno, path, null);
            }

            /** The guest's words end up on terminals and in logs: short, and without control characters. */
            private static String printable(String text) {
                String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
                return cut.replaceAll("\\p{Cntrl}", "?");
            }
        }

        @Json
        record Detail(@Nullable Integer errno, @Nullable String path) {}
    }

    /** A record without components, for which no adapter is generated: an object, whose members are skipped. */
    record EmptyObject<T>(T value) implements JsonAdapter<T> {
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
}
