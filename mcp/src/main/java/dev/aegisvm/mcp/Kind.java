package dev.aegisvm.mcp;

import module java.base;
import dev.aegisvm.api.PortMapping;
import org.jspecify.annotations.Nullable;

/**
 * What a value of an argument is: how a client is told so, as a JSON schema (2020-12), and how it is checked.
 *
 * @param said what it is, as the end of "the argument … is not"
 * @param schema without what the argument means
 * @param form whether a value has the right form
 * @param check of a value that has the right form
 * @param otherwise what holds when it is not given
 */
@SuppressWarnings("checkstyle:MapOfObjects")
record Kind(String said, Map<String, Object> schema, Predicate<Object> form, Check check, Optional<Object> otherwise) {
    interface Check {
        /** Why a value of the right form cannot be; null when it can. */
        @Nullable
        String obstacle(Object value);
    }

    private static final Map<String, Object> STRING = Map.of("type", "string");
    private static final Map<String, Object> STRINGS = Map.of("type", "array", "items", STRING);

    static final Kind TEXT = of("a string", STRING, String.class::isInstance);
    static final Kind TEXTS = of("an array of strings", STRINGS, Kind::isTexts);
    static final Kind TEXTS_BY_NAME = of(
            "an object whose values are strings",
            Map.of("type", "object", "additionalProperties", STRING),
            value -> value instanceof Map<?, ?> map && isTexts(new ArrayList<>(map.values())));
    /** An array of words, or a string that a shell takes apart. */
    static final Kind COMMAND = of(
            "an array of strings, or one string for the shell",
            Map.of("anyOf", List.of(STRINGS, STRING)),
            value -> value instanceof String || isTexts(value));

    static final Kind PATTERN = new Kind("a string", STRING, String.class::isInstance, Kind::mistake, Optional.empty());
    static final Kind FLAG = of("true or false", Map.of("type", "boolean"), Boolean.class::isInstance);
    /** Ports of the guest, each a number, or a text that also says more. */
    static final Kind PORTS = of(
            "an array of ports, such as 80 or \"8080:80\"",
            Map.of("type", "array", "items", Map.of("type", List.of("integer", "string"))),
            value -> value instanceof List<?> list
                    && list.stream().allMatch(each -> each instanceof String || isWhole(each)));

    private static Kind of(String said, Map<String, Object> schema, Predicate<Object> form) {
        return new Kind(said, schema, form, _ -> null, Optional.empty());
    }

    /** A whole number within bounds. */
    static Kind number(long least, long most) {
        return new Kind(
                "a whole number",
                Map.of("type", "integer", "minimum", least, "maximum", most),
                Kind::isWhole,
                value -> ((Number) value).longValue() >= least && ((Number) value).longValue() <= most
                        ? null
                        : "is " + value + ", and not within " + least + " and " + most,
                Optional.empty());
    }

    /** One of some words, in small or capital letters. */
    static Kind word(String... words) {
        List<String> all = List.of(words);
        return new Kind(
                "a string",
                Map.of("type", "string", "enum", all),
                String.class::isInstance,
                value -> all.contains(lower(value)) ? null : "is none of " + String.join(", ", all),
                Optional.empty());
    }

    static String lower(Object word) {
        return word.toString().toLowerCase(Locale.ROOT);
    }

    /** The same with a value that holds when none is given. */
    Kind or(Object value) {
        Map<String, Object> told = new LinkedHashMap<>(schema);
        told.put("default", value);
        return new Kind(said, told, form, check, Optional.of(value));
    }

    private static @Nullable String mistake(Object expression) {
        try {
            Pattern.compile(expression.toString());
            return null;
        } catch (PatternSyntaxException mistake) {
            return "is no regular expression: " + mistake.getDescription();
        }
    }

    private static boolean isWhole(Object value) {
        return value instanceof Number number && number.doubleValue() == number.longValue();
    }

    private static boolean isTexts(Object value) {
        return value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
    }

    /** The port that a value of {@link #PORTS} means. */
    static PortMapping port(Object value) {
        String text = value instanceof Number number ? Long.toString(number.longValue()) : value.toString();
        PortMapping mapping = PortMapping.read(text)
                .orElseThrow(() -> ToolArguments.wrong(
                        "expose", "has an entry that is not GUEST, PUBLIC:GUEST or PUBLIC:GUEST/tcp"));
        if (!mapping.inRange()) {
            throw ToolArguments.wrong("expose", "has a port that is not within 1 and " + PortMapping.MAX_PORT);
        }
        return mapping;
    }
}
