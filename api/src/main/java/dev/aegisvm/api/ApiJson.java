package dev.aegisvm.api;

import module java.base;
import dev.aegisvm.host.JsonShape;
import io.avaje.json.*;
import io.avaje.jsonb.*;

/** The one place where records of the API become JSON and come back from it. */
public final class ApiJson {
    /** For what we get from a client: an unknown key is a mistake that we name. */
    private static final Jsonb STRICT = Jsonb.builder()
            .failOnUnknown(true)
            .add(String.class, new LongText().nullSafe())
            .add(Integer.class, new WholeNumber().nullSafe())
            .build();

    /** For what we get from a daemon, which may be newer than us. */
    private static final Jsonb LENIENT = own().build();

    static {
        // What the library knows of an enum is filled at its first use, without a lock.
        List.of(InstanceStatus.class, LogEntry.LogSource.class, LogEntry.LogStream.class)
                .forEach(LENIENT::adapter);
    }

    /** No request needs more than a few. */
    private static final int MAX_DEPTH = 64;

    /** The parser has no type for this mistake, only a sentence. */
    private static final Pattern UNKNOWN_KEY = Pattern.compile("Unknown property (.{1,200}?) at ");

    private ApiJson() {}

    /** For JSON that is not the API's. */
    public static Jsonb.Builder own() {
        return Jsonb.builder().add(String.class, new LongText().nullSafe());
    }

    /**
     * Reads a request's body; refuses (400) what is no JSON, has a key that the record lacks, or a value of another
     * kind.
     */
    public static <T> T request(BodyType<T> type, byte[] body) {
        return request(type.json().apply(STRICT), body);
    }

    /** The same of a type that is not the API's. */
    public static <T> T request(JsonType<T> type, byte[] body) {
        // The parser goes down with each bracket, and what it goes down on has an end.
        JsonShape shape = JsonShape.of(body);
        if (shape.depth() > MAX_DEPTH) {
            throw ErrorCode.BAD_REQUEST.refusal("the body is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (shape.isMalformed()) {
            throw ErrorCode.BAD_REQUEST.refusal("the body is not well-formed JSON");
        }
        List<T> alone;
        try {
            alone = type.list().fromJson(asOnlyElement(body));
        } catch (ApiException refusal) {
            throw refusal;
        } catch (RuntimeException mistake) {
            throw inBody(mistake);
        }
        if (alone.size() != 1 || Objects.isNull(alone.getFirst())) {
            throw ErrorCode.BAD_REQUEST.refusal("the body must be one JSON object");
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

    /** Reads an answer of the daemon; throws a RuntimeException when it is no JSON or no such record. */
    public static <T> T answer(Class<T> type, byte[] body) {
        return LENIENT.type(type).fromJson(body);
    }

    public static <T> T read(BodyType<T> type, byte[] body) {
        return type.json().apply(LENIENT).fromJson(body);
    }

    public static <T> byte[] write(BodyType<T> type, T value) {
        return type.json().apply(LENIENT).toJsonBytes(value);
    }

    public static byte[] write(Record value) {
        return value instanceof LogEntry entry ? entry.json() : LENIENT.toJsonBytes(value);
    }

    /** Writes any record of this package as a text, without a newline. */
    public static String text(Record value) {
        return new String(write(value), StandardCharsets.UTF_8);
    }

    private static ApiException inBody(RuntimeException mistake) {
        Matcher unknown = UNKNOWN_KEY.matcher(String.valueOf(mistake.getMessage()));
        if (unknown.lookingAt()) {
            return ErrorCode.UNKNOWN_FIELD.refusal("unknown field '" + unknown.group(1) + "'", mistake);
        }
        return ErrorCode.BAD_REQUEST.refusal("the body does not match this request's format", mistake);
    }

    /**
     * A value as it is written, unless it is an array or object: the parser goes down in those, and where a record or
     * list should be, it looks for them in a string, too, in which {@link JsonShape} counts none.
     */
    private static String flat(JsonReader reader) {
        return switch (reader.currentToken()) {
            case BEGIN_ARRAY, BEGIN_OBJECT -> throw new JsonDataException("expected a value that has no parts");
            default -> reader.readRaw();
        };
    }

    /** Reads strings of any length: the parser's own reader gives up at 32768 characters, which a script can exceed. */
    private static final class LongText implements JsonAdapter<String> {
        private static final int HEX = 16;
        private static final int ESCAPE_DIGITS = 4;

        @Override
        public void toJson(JsonWriter writer, String value) {
            writer.value(value);
        }

        @Override
        public String fromJson(JsonReader reader) {
            String raw = flat(reader).strip();
            if (raw.length() < 2 || raw.charAt(0) != '"' || raw.charAt(raw.length() - 1) != '"') {
                throw new JsonDataException("expected a string");
            }
            int escape = raw.indexOf('\\');
            String text = escape < 0 ? raw.substring(1, raw.length() - 1) : unescaped(raw, escape);
            if (text.codePoints().anyMatch(c -> Character.getType(c) == Character.SURROGATE)) {
                throw new JsonDataException("a string contains an unpaired surrogate");
            }
            return text;
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
                        unicode
                                ? (char) Integer.parseInt(raw, escape + 2, copied, HEX)
                                : meaning(raw.charAt(escape + 1)));
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
                default -> throw new JsonDataException("'\\" + escaped + "' is not a valid escape in a string");
            };
        }
    }

    /** Reads integers as they are written: in the parser's own reader, one that is too large wraps around. */
    private static final class WholeNumber implements JsonAdapter<Integer> {
        private static final int MAX_SHOWN = 40;

        @Override
        public void toJson(JsonWriter writer, Integer value) {
            writer.value(value);
        }

        @Override
        public Integer fromJson(JsonReader reader) {
            String raw = flat(reader).strip();
            try {
                return Integer.valueOf(raw);
            } catch (NumberFormatException other) {
                String shown = raw.length() <= MAX_SHOWN ? raw : raw.substring(0, MAX_SHOWN) + "…";
                throw ErrorCode.BAD_REQUEST.refusal(
                        "expected a whole number up to " + Integer.MAX_VALUE + " in the body, not " + shown, other);
            }
        }
    }
}
