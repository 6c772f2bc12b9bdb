package dev.aegisvm.api;

import io.avaje.jsonb.Jsonb;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The one place where records of the API become JSON and come back from it. */
public final class ApiJson {
    /** For what we get from a client: an unknown key is a mistake that we name. */
    private static final Jsonb STRICT = Jsonb.builder()
            .failOnUnknown(true)
            .add(String.class, new LongText().nullSafe())
            .add(Integer.class, new WholeNumber().nullSafe())
            .build();

    /** For what we get from a daemon, which may be newer than us. */
    private static final Jsonb LENIENT =
            Jsonb.builder().add(String.class, new LongText().nullSafe()).build();

    /** The parser has no type for this mistake, only a sentence. */
    private static final Pattern UNKNOWN_KEY = Pattern.compile("Unknown property (.{1,200}?) at ");

    private ApiJson() {}

    /**
     * Reads a request's body.
     *
     * @throws ApiException 400, when it is no JSON, has a key that the record lacks, or a value of another kind
     */
    public static <T> T request(Route.BodyType<T> type, byte[] body) {
        List<T> alone;
        try {
            alone = type.json(STRICT).list().fromJson(asOnlyElement(body));
        } catch (ApiException refusal) {
            throw refusal;
        } catch (RuntimeException mistake) {
            throw inBody(mistake);
        }
        if (alone.size() != 1 || Objects.isNull(alone.getFirst())) {
            throw new ApiException(ErrorCode.BAD_REQUEST, "the body is not one JSON object");
        }
        return alone.getFirst();
    }

    /** The parser stops after a value and would not see what follows it; as a list's element the value must be all. */
    private static byte[] asOnlyElement(byte[] body) {
        return ByteBuffer.allocate(body.length + 2)
                .put((byte) '[')
                .put(body)
                .put((byte) ']')
                .array();
    }

    /**
     * Reads an answer of the daemon.
     *
     * @throws RuntimeException when it is no JSON or no such record
     */
    public static <T> T answer(Class<T> type, byte[] body) {
        return LENIENT.type(type).fromJson(body);
    }

    /** Reads the whole body of an answer. */
    public static <T> T read(Route.BodyType<T> type, byte[] body) {
        return type.json(LENIENT).fromJson(body);
    }

    /** Writes a whole body. */
    public static <T> byte[] write(Route.BodyType<T> type, T value) {
        return type.json(LENIENT).toJsonBytes(value);
    }

    /** Writes any record of this package, without a newline. */
    public static byte[] write(Record value) {
        return value instanceof LogEntry entry ? LogEntryWriter.write(entry) : LENIENT.toJsonBytes(value);
    }

    /** Writes any record of this package as a text, without a newline. */
    public static String text(Record value) {
        return new String(write(value), StandardCharsets.UTF_8);
    }

    private static ApiException inBody(RuntimeException mistake) {
        Matcher unknown = UNKNOWN_KEY.matcher(String.valueOf(mistake.getMessage()));
        if (unknown.lookingAt()) {
            return new ApiException(ErrorCode.UNKNOWN_FIELD, "unknown field '" + unknown.group(1) + "'", mistake);
        }
        return new ApiException(ErrorCode.BAD_REQUEST, "the body is not the JSON that is expected here", mistake);
    }
}
