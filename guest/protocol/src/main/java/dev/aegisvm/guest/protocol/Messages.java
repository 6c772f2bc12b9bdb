package dev.aegisvm.guest.protocol;

import io.avaje.jsonb.Jsonb;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Control messages to JSON and back; the JSON that arrives is the guest's, so nothing of it is taken for granted. */
final class Messages {
    private static final Jsonb JSON = Jsonb.builder()
            .serializeNulls(false)
            .serializeEmpty(true)
            .failOnNullPrimitives(true)
            .add(ToGuest.CheckHealth.class, new EmptyObject<>(new ToGuest.CheckHealth()))
            .add(ToGuest.Park.class, new EmptyObject<>(new ToGuest.Park()))
            .add(FromGuest.Done.class, new EmptyObject<>(new FromGuest.Done()))
            .build();

    private Messages() {}

    static byte[] request(long id, ToGuest<?> call) {
        String json = "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + call.method() + "\",\"params\":"
                + JSON.toJson(call) + "}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    static Envelope envelope(byte[] json) throws ProtocolViolation {
        JsonBounds.check(json);
        Envelope envelope = read(new String(json, StandardCharsets.UTF_8), Envelope.class);
        if (!"2.0".equals(envelope.jsonrpc())) {
            throw new ProtocolViolation("a control message that is not JSON-RPC 2.0");
        }
        return envelope;
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
            throw new ProtocolViolation("a control message that is no " + type.getSimpleName() + " in JSON", e);
        }
        if (value == null) {
            throw new ProtocolViolation("a control message with null for its " + type.getSimpleName());
        }
        return value;
    }
}
