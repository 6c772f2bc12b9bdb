package dev.aegisvm.mcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a tool takes, declared once: the schema that a client sees and the check of what it sends both come of it. */
final class ArgumentList {
    private final List<Argument> arguments = new ArrayList<>();

    /** Begins a list that is empty. */
    static ArgumentList none() {
        return new ArgumentList();
    }

    ArgumentList required(String name, Argument.Kind kind, String text) {
        arguments.add(new Argument(name, kind, true, text));
        return this;
    }

    ArgumentList optional(String name, Argument.Kind kind, String text) {
        arguments.add(new Argument(name, kind, false, text));
        return this;
    }

    List<Argument> all() {
        return arguments;
    }

    /** The JSON schema (2020-12) of an object of these. */
    @SuppressWarnings("checkstyle:MapOfObjects")
    Map<String, Object> schema() {
        Map<String, Object> properties = new LinkedHashMap<>();
        List<String> required = new ArrayList<>();
        for (Argument argument : arguments) {
            Map<String, Object> property = schema(argument.kind());
            property.put("description", argument.text());
            properties.put(argument.name(), property);
            if (argument.required()) {
                required.add(argument.name());
            }
        }
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("type", "object");
        schema.put("properties", properties);
        schema.put("required", required);
        schema.put("additionalProperties", false);
        return schema;
    }

    @SuppressWarnings("checkstyle:MapOfObjects")
    private static Map<String, Object> schema(Argument.Kind kind) {
        Map<String, String> text = Map.of("type", "string");
        return switch (kind) {
            case TEXT -> type("string");
            case WHOLE_NUMBER -> type("integer");
            case FLAG -> type("boolean");
            case TEXTS -> with(type("array"), "items", text);
            case TEXTS_BY_NAME -> with(type("object"), "additionalProperties", text);
            case COMMAND -> {
                Map<String, Object> either = new LinkedHashMap<>();
                either.put("anyOf", List.of(with(type("array"), "items", text), text));
                yield either;
            }
        };
    }

    @SuppressWarnings("checkstyle:MapOfObjects")
    private static Map<String, Object> type(String name) {
        Map<String, Object> type = new LinkedHashMap<>();
        type.put("type", name);
        return type;
    }

    @SuppressWarnings("checkstyle:MapOfObjects")
    private static Map<String, Object> with(Map<String, Object> schema, String key, Object value) {
        schema.put(key, value);
        return schema;
    }
}
