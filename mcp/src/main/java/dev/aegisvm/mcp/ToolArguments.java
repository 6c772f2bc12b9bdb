package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.ApiException;
import dev.aegisvm.api.ErrorCode;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** What a client gave to a tool, checked against what the tool takes. A mistake names the argument and what it should be. */
final class ToolArguments {
    /** An argument of a tool, shown to clients and checked. The text says what it means, with its unit and its default. */
    record Argument(String name, Kind kind, boolean required, String text) {}

    enum Kind {
        TEXT("a string"),
        WHOLE_NUMBER("a whole number"),
        TEXTS("an array of strings"),
        TEXTS_BY_NAME("an object whose values are strings"),
        /** An array of words, or a string that a shell takes apart. */
        COMMAND("an array of strings, or one string for the shell");

        private final String said;

        Kind(String said) {
            this.said = said;
        }

        @SuppressWarnings("checkstyle:MapOfObjects")
        private Map<String, Object> schema() {
            Map<String, String> text = Map.of("type", "string");
            return switch (this) {
                case TEXT -> Map.of("type", "string");
                case WHOLE_NUMBER -> Map.of("type", "integer");
                case TEXTS -> Map.of("type", "array", "items", text);
                case TEXTS_BY_NAME -> Map.of("type", "object", "additionalProperties", text);
                case COMMAND -> Map.of("anyOf", List.of(TEXTS.schema(), text));
            };
        }
    }

    private final Map<String, ?> given;

    private ToolArguments(Map<String, ?> given) {
        this.given = given;
    }

    /** The JSON schema (2020-12) of an object of some arguments. */
    @SuppressWarnings("checkstyle:MapOfObjects")
    static Map<String, Object> schema(List<Argument> taken) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Argument argument : taken) {
            Map<String, Object> property = new LinkedHashMap<>(argument.kind().schema());
            property.put("description", argument.text());
            properties.put(argument.name(), property);
        }
        List<String> required =
                taken.stream().filter(Argument::required).map(Argument::name).toList();
        return Map.of("type", "object", "properties", properties, "required", required, "additionalProperties", false);
    }

    /** Checks what was given; refuses what is unknown, missing, or of another kind. */
    static ToolArguments check(List<Argument> taken, Map<String, ?> given) {
        Map<String, Argument> known = new LinkedHashMap<>();
        taken.forEach(argument -> known.put(argument.name(), argument));
        given.forEach((name, value) -> {
            Argument argument = known.get(name);
            if (argument == null) {
                throw ErrorCode.UNKNOWN_FIELD.refusal(
                        "this tool has no argument '" + name + "'", "it takes: " + String.join(", ", known.keySet()));
            }
            if (value != null && !is(argument.kind(), value)) {
                throw wrong(name, "is not " + argument.kind().said);
            }
        });
        for (Argument argument : taken) {
            if (argument.required() && given.get(argument.name()) == null) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "the argument '" + argument.name() + "' is missing", argument.name() + ": " + argument.text());
            }
        }
        return new ToolArguments(given);
    }

    private static boolean is(Kind kind, Object value) {
        return switch (kind) {
            case TEXT -> value instanceof String;
            case WHOLE_NUMBER -> value instanceof Number number && number.doubleValue() == number.longValue();
            case TEXTS -> isTexts(value);
            case TEXTS_BY_NAME -> value instanceof Map<?, ?> map && isTexts(new ArrayList<>(map.values()));
            case COMMAND -> value instanceof String || isTexts(value);
        };
    }

    private static boolean isTexts(Object value) {
        return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }

    /** A value that cannot be; the value itself is not repeated, it may be long or secret. */
    static ApiException wrong(String name, String why) {
        return ErrorCode.BAD_REQUEST.refusal("the argument '" + name + "' " + why);
    }

    /** Whether it says anything. */
    boolean has(String name) {
        return text(name) != null || !texts(name).isEmpty();
    }

    @Nullable
    String text(String name) {
        return given.get(name) instanceof String text ? text : null;
    }

    /** The text of an argument that the tool requires. */
    String required(String name) {
        return Objects.requireNonNull(text(name), name);
    }

    /** A number within bounds, or what it is when nobody says. */
    int number(String name, int least, int most, int otherwise) {
        Integer number = number(name, least, most);
        return number == null ? otherwise : number;
    }

    @Nullable
    Integer number(String name, int least, int most) {
        if (!(given.get(name) instanceof Number number)) {
            return null;
        }
        if (number.longValue() < least || number.longValue() > most) {
            throw wrong(name, "is " + number + ", and not within " + least + " and " + most);
        }
        return number.intValue();
    }

    List<String> texts(String name) {
        return given.get(name) instanceof List<?> list
                ? list.stream().map(String.class::cast).toList()
                : List.of();
    }

    Map<String, String> textsByName(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (given.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> texts.put((String) key, (String) value));
        }
        return texts;
    }

    /** A command: the words that were given, or a shell for the one string. */
    List<String> command(String name) {
        String line = text(name);
        if (line == null || line.isBlank()) {
            return texts(name);
        }
        List<String> words = wordsIn(line.strip());
        return words.isEmpty() ? List.of("sh", "-c", line) : words;
    }

    /** The words of an array that came as a string, as from clients that know strings only; none in a line of a shell. */
    private static List<String> wordsIn(String line) {
        if (!line.startsWith("[\"") || !line.endsWith("\"]")) {
            return List.of();
        }
        try {
            return Jsonb.instance().type(String.class).list().fromJson(line);
        } catch (RuntimeException noJson) {
            return List.of();
        }
    }
}
