package dev.aegisvm.mcp.tool;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * What a value of an argument is: how a client is told so, as a JSON schema (2020-12), and how it is checked.
 *
 * @param said what it is, as the end of "the argument … is not"
 * @param schema without what the argument means
 * @param check why a value cannot be; null when it can
 */
@SuppressWarnings("checkstyle:MapOfObjects")
public record Kind(String said, Map<String, Object> schema, Function<Object, @Nullable String> check) {
    private static final Pattern NUMBER = Pattern.compile("(\\d+)\\.\\.(\\d*)");
    private static final Map<String, Object> STRING = Map.of("type", "string");
    private static final Map<String, Object> STRINGS = Map.of("type", "array", "items", STRING);

    /** Of languages, what else they are called. */
    private static final Map<String, String> OTHER_NAMES =
            Map.of("python3", "python", "py", "python", "shell", "sh", "js", "javascript", "node", "javascript");

    private static final Map<String, Kind> NAMED = Map.of(
            "text", of("a string", STRING, String.class::isInstance),
            "texts", of("an array of strings", STRINGS, Kind::isTexts),
            "texts_by_name",
                    of(
                            "an object whose values are strings",
                            Map.of("type", "object", "additionalProperties", STRING),
                            value -> value instanceof Map<?, ?> map && isTexts(new ArrayList<>(map.values()))),
            // An array of words, or a string that a shell takes apart.
            "command",
                    of(
                            "an array of strings, or one string for the shell",
                            Map.of("anyOf", List.of(STRINGS, STRING)),
                            value -> value instanceof String || isTexts(value)),
            "pattern", new Kind("a string", STRING, Kind::mistake),
            "flag", of("true or false", Map.of("type", "boolean"), Boolean.class::isInstance),
            // Ports of the guest, each a number, or a text that also says more.
            "ports",
                    of(
                            "an array of ports, such as 80 or \"8080:80\"",
                            Map.of("type", "array", "items", Map.of("type", List.of("integer", "string"))),
                            value -> value instanceof List<?> list
                                    && list.stream().allMatch(each -> each instanceof String || isWhole(each))));

    private static Kind of(String said, Map<String, Object> schema, Predicate<Object> form) {
        return new Kind(said, schema, value -> form.test(value) ? null : "is not " + said);
    }

    /** As a table names it: {@code text}, {@code 1..10}, {@code 1..}, {@code one|other}, with {@code =} and its default. */
    static Kind of(String word) {
        int equals = word.indexOf('=');
        if (equals < 0) {
            Kind named = NAMED.get(word);
            return named != null ? named : word.contains("|") ? words(List.of(word.split("\\|", -1))) : number(word);
        }
        Kind kind = of(word.substring(0, equals));
        String text = word.substring(equals + 1);
        Map<String, Object> told = new LinkedHashMap<>(kind.schema);
        told.put("default", "integer".equals(kind.schema.get("type")) ? Long.valueOf(text) : text);
        return new Kind(kind.said, told, kind.check);
    }

    /** What holds when it is not given. */
    Optional<Object> otherwise() {
        return Optional.ofNullable(schema.get("default"));
    }

    private static Kind number(String word) {
        Matcher range = NUMBER.matcher(word);
        if (!range.matches()) {
            throw new IllegalArgumentException(word);
        }
        long least = Long.parseLong(range.group(1));
        long most = range.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(range.group(2));
        Map<String, Object> schema = new LinkedHashMap<>(Map.of("type", "integer", "minimum", least));
        if (most < Long.MAX_VALUE) {
            schema.put("maximum", most);
        }
        return new Kind(
                "a whole number",
                schema,
                value -> !isWhole(value)
                        ? "is not a whole number"
                        : ((Number) value).longValue() >= least && ((Number) value).longValue() <= most
                                ? null
                                : "must be between " + least + " and " + most + ", and is " + value);
    }

    private static Kind words(List<String> words) {
        String said = "one of these: " + String.join(", ", words);
        return new Kind(
                said,
                Map.of("type", "string", "enum", words),
                value -> words.contains(value) ? null : "has to be " + said);
    }

    /** The value that another form of it stands for, such as 30 for "30"; what it makes nothing of, as it is. */
    Object meant(Object value) {
        Object type = Objects.requireNonNullElse(schema.get("type"), "");
        return switch (value) {
            // SIGKILL is kill, and py is python.
            case String text
            when schema.containsKey("enum") ->
                OTHER_NAMES.getOrDefault(lower(text), lower(text).replaceFirst("^sig", ""));
            case String text when type.equals("integer") && text.matches("-?\\d{1,18}") -> Long.valueOf(text);
            case String text when type.equals("boolean") && lower(text).matches("true|false") -> Boolean.valueOf(text);
            case Map<?, ?> map when type.equals("object") -> texts(map);
            case Object one when type.equals("array") && !(one instanceof List || one instanceof Map) -> List.of(one);
            default -> value;
        };
    }

    private static Map<Object, Object> texts(Map<?, ?> map) {
        Map<Object, Object> texts = new LinkedHashMap<>(map);
        texts.replaceAll((_, each) -> each instanceof Number || each instanceof Boolean ? each.toString() : each);
        return texts;
    }

    static String lower(Object word) {
        return word.toString().toLowerCase(Locale.ROOT);
    }

    private static @Nullable String mistake(Object expression) {
        try {
            return expression instanceof String text && Pattern.compile(text) != null ? null : "is not a string";
        } catch (PatternSyntaxException mistake) {
            return "is not a valid regular expression: " + mistake.getDescription();
        }
    }

    private static boolean isWhole(Object value) {
        return value instanceof Number number && number.doubleValue() == number.longValue();
    }

    private static boolean isTexts(Object value) {
        return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }
}
