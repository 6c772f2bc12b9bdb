package dev.aegisvm.mcp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a tool takes, declared once: the schema that a client sees and the check of what it sends both follow from it. */
final class ArgumentList {
    /**
     * An argument of a tool.
     *
     * @param text what it means, with its unit and its default
     */
    record Argument(String name, Kind kind, boolean required, String text) {}

    /** The kinds of value that tools take. */
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

        /** What it is, for a sentence. */
        String said() {
            return said;
        }
    }

    private final List<Argument> arguments = new ArrayList<>();

    /** Begins an empty list. */
    static ArgumentList none() {
        return new ArgumentList();
    }

    /** Begins one with the instance that a tool is about. */
    static ArgumentList ofInstance() {
        return none().required("name", Kind.TEXT, "name or id of the instance");
    }

    ArgumentList required(String name, Kind kind, String text) {
        arguments.add(new Argument(name, kind, true, text));
        return this;
    }

    ArgumentList optional(String name, Kind kind, String text) {
        arguments.add(new Argument(name, kind, false, text));
        return this;
    }

    ArgumentList user() {
        return optional("user", Kind.TEXT, "a user of the guest; root when not given");
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
    private static Map<String, Object> schema(Kind kind) {
        Map<String, String> text = Map.of("type", "string");
        Map<String, Object> schema = new LinkedHashMap<>();
        switch (kind) {
            case TEXT -> schema.put("type", "string");
            case WHOLE_NUMBER -> schema.put("type", "integer");
            case TEXTS -> {
                schema.put("type", "array");
                schema.put("items", text);
            }
            case TEXTS_BY_NAME -> {
                schema.put("type", "object");
                schema.put("additionalProperties", text);
            }
            case COMMAND -> schema.put("anyOf", List.of(schema(Kind.TEXTS), text));
        }
        return schema;
    }
}
