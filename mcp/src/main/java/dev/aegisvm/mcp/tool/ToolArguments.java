package dev.aegisvm.mcp.tool;

import module java.base;
import dev.aegisvm.api.*;
import io.avaje.jsonb.Jsonb;
import org.jspecify.annotations.Nullable;

/** What a client gave to a tool, checked against what the tool takes. A mistake names the argument and what it should be. */
@SuppressWarnings("checkstyle:MapOfObjects")
public final class ToolArguments {
    /** An argument of a tool, shown to clients and checked. The text says what it means, with its unit. */
    public record Argument(String name, Kind kind, boolean required, String text) {}

    /** A line of the table: arguments that would have no effect beside another one, with one of some values, or without it. */
    record Exclusion(MatchResult line) {
        private static final Pattern FORM =
                Pattern.compile("(?m)^! (no|only) (.+?) beside (\\w+)(?:=(\\S+))?(?: : (.*))?$");

        static List<Exclusion> in(String text) {
            return FORM.matcher(text).results().map(Exclusion::new).toList();
        }

        void check(ToolArguments given, Set<String> said) {
            boolean only = line.group(1).equals("only");
            String other = line.group(3);
            String value = line.group(4) == null ? "" : Objects.requireNonNullElse(given.text(other), "");
            boolean applies = line.group(4) == null ? said.contains(other) : value.matches(line.group(4));
            for (String name : line.group(2).split(" ", -1)) {
                if (applies != only && said.contains(name)) {
                    String why = line.group(5) == null ? "" : "; " + line.group(5);
                    throw wrong(name, (only ? "needs " : "does not go with ") + (other + " " + value).strip() + why);
                }
            }
        }
    }

    /** Those below are for a host's own services, and a daemon of root's could take them. */
    private static final int LEAST_PUBLIC_PORT = 1024;

    private final Map<String, Object> given;

    private ToolArguments(Map<String, Object> given) {
        this.given = given;
    }

    public static Map<String, Object> schema(List<Argument> taken) {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Argument argument : taken) {
            Map<String, Object> property = new LinkedHashMap<>(argument.kind().schema());
            if (!argument.text().isEmpty()) {
                property.put("description", argument.text());
            }
            properties.put(argument.name(), property);
        }
        List<String> required =
                taken.stream().filter(Argument::required).map(Argument::name).toList();
        return Map.of("type", "object", "properties", properties, "required", required, "additionalProperties", false);
    }

    /** Checks what was given; refuses what is unknown, missing, or not what it should be. */
    public static ToolArguments check(List<Argument> taken, List<Exclusion> exclusions, Map<String, ?> given) {
        Map<String, Argument> known = new LinkedHashMap<>();
        taken.forEach(argument -> known.put(argument.name(), argument));
        Map<String, Object> values = new HashMap<>();
        // Some clients give all arguments, empty where a model left them out.
        boolean all = given.values().stream().anyMatch(each -> each == null || each.equals(""));
        given.forEach((name, value) -> {
            Argument argument = known.get(name);
            if (argument == null) {
                throw ErrorCode.UNKNOWN_FIELD.refusal(
                        "this tool has no argument '" + name + "'", "it takes: " + String.join(", ", known.keySet()));
            }
            if (value == null || (!argument.required() && isEmpty(value, all))) {
                return;
            }
            Object meant = argument.kind().meant(value);
            String obstacle = obstacle(argument.kind(), meant);
            if (obstacle != null) {
                throw wrong(name, obstacle);
            }
            values.put(name, meant);
        });
        for (Argument argument : taken) {
            if (argument.required() && !values.containsKey(argument.name())) {
                throw ErrorCode.BAD_REQUEST.refusal(
                        "the argument '" + argument.name() + "' is missing",
                        argument.name() + ": "
                                + (argument.text().isEmpty() ? argument.kind().said() : argument.text()));
            }
            argument.kind().otherwise().ifPresent(usual -> values.putIfAbsent(argument.name(), usual));
        }
        ToolArguments checked = new ToolArguments(values);
        Set<String> said = taken.stream()
                .filter(argument -> saysMore(argument, values.get(argument.name())))
                .map(Argument::name)
                .collect(Collectors.toSet());
        exclusions.forEach(exclusion -> exclusion.check(checked, said));
        return checked;
    }

    private static @Nullable String obstacle(Kind kind, Object meant) {
        // A list, or an object, writes what is in it.
        return StandardCharsets.UTF_8.newEncoder().canEncode(meant.toString())
                ? kind.check().apply(meant)
                : "has half of a character (a surrogate alone, as in \\ud83d), which no UTF-8 can hold";
    }

    private static boolean isEmpty(Object value, boolean orList) {
        return value.equals("") || (orList && (value.equals(List.of()) || value.equals(Map.of())));
    }

    /** Whether a value is another than the one that holds when none is given. */
    private static boolean saysMore(Argument argument, @Nullable Object value) {
        return value != null
                && !value.equals(false)
                && !value.equals(List.of())
                && !argument.kind().otherwise().map(Object::toString).equals(Optional.of(value.toString()));
    }

    /** A value that cannot be; a text is not repeated, it may be long or secret. */
    public static ApiException wrong(String name, String why) {
        return ErrorCode.BAD_REQUEST.refusal("the argument '" + name + "' " + why);
    }

    public boolean has(String name) {
        return given.get(name) != null && !List.of().equals(given.get(name));
    }

    @Nullable
    public String text(String name) {
        return given.get(name) instanceof String text ? text : null;
    }

    /** The text of an argument that the tool requires, or that has a default. */
    public String required(String name) {
        return Objects.requireNonNull(text(name), name);
    }

    public boolean flag(String name) {
        return Boolean.TRUE.equals(given.get(name));
    }

    /** A number that the tool requires, or that has a default. */
    public int number(String name) {
        return Objects.requireNonNull(numberOrNull(name), name);
    }

    @Nullable
    public Integer numberOrNull(String name) {
        return given.get(name) instanceof Number number
                ? Integer.valueOf(Math.clamp(number.longValue(), Integer.MIN_VALUE, Integer.MAX_VALUE))
                : null;
    }

    /** The ports that the entries of an array mean, each a number or a text; null where none is given. */
    @Nullable
    public List<PortMapping> ports(String name) {
        return given.get(name) instanceof List<?> list
                ? list.stream().map(ToolArguments::port).toList()
                : null;
    }

    private static PortMapping port(Object entry) {
        String text = entry instanceof Number number ? Long.toString(number.longValue()) : entry.toString();
        return PortMapping.read(text)
                .filter(PortMapping::inRange)
                .filter(mapping -> mapping.publicPort() == null || mapping.publicPort() >= LEAST_PUBLIC_PORT)
                .orElseThrow(() -> wrong(
                        "expose",
                        "has an entry that is not GUEST, PUBLIC:GUEST or PUBLIC:GUEST/tcp, with ports up to "
                                + PortMapping.MAX_PORT + ", from 1 in the guest and from " + LEAST_PUBLIC_PORT
                                + " on the host"));
    }

    public long large(String name) {
        return given.get(name) instanceof Number number ? number.longValue() : 0;
    }

    /** The entries of an array. */
    List<?> list(String name) {
        return given.get(name) instanceof List<?> list ? list : List.of();
    }

    public List<String> texts(String name) {
        return list(name).stream().map(String.class::cast).toList();
    }

    /** An array that replaces what was there, also where it is empty; null where none is given. */
    @Nullable
    public List<String> textsInstead(String name) {
        return given.containsKey(name) ? texts(name) : null;
    }

    public Map<String, String> textsByName(String name) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (given.get(name) instanceof Map<?, ?> map) {
            map.forEach((key, value) -> texts.put((String) key, (String) value));
        }
        return texts;
    }

    /** A command: the words that were given, or this shell for the one string. */
    public List<String> command(String name, String shell) {
        String line = text(name);
        if (line == null || line.isBlank()) {
            return texts(name);
        }
        List<String> words = wordsIn(line.strip());
        return words.isEmpty() ? List.of(shell, "-c", line) : words;
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
