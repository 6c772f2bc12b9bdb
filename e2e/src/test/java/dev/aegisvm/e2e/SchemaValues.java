package dev.aegisvm.e2e;

import module java.base;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Values that a schema allows, and such that it does not. Nothing of them boots a machine or leaves this host. */
final class SchemaValues {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** What the schema says in words only. */
    private static final Map<String, List<String>> USUAL = Map.ofEntries(
            Map.entry("name", List.of("KEY", "A_1.b-c")),
            Map.entry("handle", List.of("one", "two.x_y")),
            Map.entry("exec_id", List.of("exec-1", "exec-99")),
            Map.entry("path", List.of("/tmp/f", "/tmp/f/g", "/tmp/none/x", "/etc/hostname")),
            Map.entry("to", List.of("/tmp/g", "/tmp/f/h")),
            Map.entry("user", List.of("root", "0:0", "nobody", "none")),
            Map.entry("mode", List.of("755", "0", "7777")),
            Map.entry("since", List.of("10m", "2026-03-01T12:00:00Z")),
            Map.entry("older_than", List.of("1d", "999999999d")),
            Map.entry("duration", List.of("1s", "365d")),
            Map.entry("idle_pause", List.of("60s", "never")),
            Map.entry("idle_stop", List.of("300s", "never")),
            Map.entry("ttl", List.of("1s", "1h", "never")),
            Map.entry("label", List.of("team", "team=a")),
            Map.entry("image", List.of("localhost/none", "oci:/nonexistent")),
            Map.entry("image_ref", List.of("oci:/nonexistent", "oci:/nonexistent:x")),
            Map.entry("workspace", List.of("project", "/nonexistent", "project:ro")),
            Map.entry("command", List.of("true", "echo", "/none")),
            Map.entry("secrets", List.of("KEY", "*")),
            Map.entry("cwd", List.of("/tmp", "/none")));

    private static final List<String> ODD = List.of(
            "",
            "\0",
            "../../etc/shadow",
            "/../..",
            "null",
            "-1",
            "99999999999999999999",
            "9223372036854775807",
            "1e400",
            "٣",
            "\ud83d\ude00",
            "\u202e\u001b[31m",
            "a".repeat(300),
            "/x".repeat(3000),
            "'; drop table instances; --",
            "${jndi:x}",
            "%s%n",
            "a\r\nX: y",
            "*");

    private static final List<String> TEXTS_OF_JSON = List.of(
            "",
            "null",
            "[null]",
            "[]",
            "{}{}",
            "\"\"",
            "1",
            "{\"a\"",
            "\ufeff{}",
            "[".repeat(5000),
            "{\"a\":".repeat(500));

    private final OpenApiDocument document;
    private final Random random;

    SchemaValues(OpenApiDocument document, Random random) {
        this.document = document;
        this.random = random;
    }

    private <T> T any(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    String oddText() {
        return any(ODD);
    }

    String usualText(String name) {
        return any(USUAL.getOrDefault(name, List.of("x", "Übung", "")));
    }

    /** A value as the schema wants it, of a field of this name. */
    JsonNode valid(String name, JsonNode reference) {
        JsonNode schema = document.resolved(reference);
        if (name.equals("ephemeral")) {
            return JSON.booleanNode(true);
        }
        if (schema.has("const")) {
            return schema.path("const");
        }
        if (schema.has("enum")) {
            return schema.path("enum").path(random.nextInt(schema.path("enum").size()));
        }
        if (schema.has("anyOf") && !USUAL.containsKey(name)) {
            return valid(name, schema.path("anyOf").path(0));
        }
        return switch (schema.path("type").asString("string")) {
            case "object" -> object(schema);
            case "array" -> array(name, schema);
            case "integer" -> JSON.numberNode(number(schema));
            case "boolean" -> JSON.booleanNode(random.nextBoolean());
            default -> JSON.stringNode(usualText(name));
        };
    }

    /** Mostly at an edge. */
    private long number(JsonNode schema) {
        long least = schema.path("minimum").asLong(0);
        long most = schema.path("maximum").asLong(Long.MAX_VALUE);
        return switch (random.nextInt(4)) {
            case 0 -> least;
            case 1 -> most;
            case 2 -> Math.min(most, 512);
            default -> Math.min(most, least + 1);
        };
    }

    private ArrayNode array(String name, JsonNode schema) {
        ArrayNode array = JSON.arrayNode();
        for (int i = random.nextInt(3); i > 0; i--) {
            array.add(valid(name, schema.path("items")));
        }
        return array;
    }

    private ObjectNode object(JsonNode schema) {
        ObjectNode object = JSON.objectNode();
        schema.path("properties").properties().forEach(field -> {
            boolean required = schema.path("required")
                    .valueStream()
                    .anyMatch(name -> name.asString().equals(field.getKey()));
            if (required || field.getKey().equals("ephemeral") || random.nextInt(3) == 0) {
                object.set(field.getKey(), valid(field.getKey(), field.getValue()));
            }
        });
        if (schema.path("additionalProperties").isObject()) {
            object.put("A", "b");
        }
        return object;
    }

    /** The value with one or two places that are wrong. */
    JsonNode wrong(JsonNode good) {
        JsonNode value = good.deepCopy();
        for (int i = 1 + random.nextInt(2); i > 0; i--) {
            spoil(value);
        }
        return value;
    }

    private void spoil(JsonNode value) {
        List<JsonNode> holders = new ArrayList<>();
        collect(value, holders);
        if (holders.isEmpty()) {
            return;
        }
        switch (any(holders)) {
            case ObjectNode object -> spoil(object);
            case ArrayNode array -> array.add(odd());
            default -> {}
        }
    }

    private void spoil(ObjectNode object) {
        List<String> names = new ArrayList<>(object.propertyNames());
        if (names.isEmpty() || random.nextInt(6) == 0) {
            object.set("colour", odd());
            return;
        }
        String name = any(names);
        if (random.nextInt(5) == 0) {
            object.remove(name);
        } else {
            JsonNode odd = odd();
            // Else it could be a name that a registry is asked for.
            boolean local = name.equals("image_ref") && odd.isString();
            object.set(name, local ? JSON.stringNode("oci:/none/" + odd.asString()) : odd);
        }
    }

    private static void collect(JsonNode value, List<JsonNode> holders) {
        if (value.isContainer()) {
            holders.add(value);
            value.forEach(each -> collect(each, holders));
        }
    }

    /** Of any type. */
    private JsonNode odd() {
        return switch (random.nextInt(9)) {
            case 0 -> JSON.nullNode();
            case 1 -> JSON.booleanNode(random.nextBoolean());
            case 2 -> JSON.numberNode(any(List.of(0L, -1L, 65_536L, 1L << 31, 1L << 40, Long.MIN_VALUE)));
            case 3 -> JSON.numberNode(1.5);
            case 4 -> JSON.arrayNode().add(JSON.nullNode());
            case 5 -> JSON.objectNode().put("", 1);
            case 6 -> JSON.stringNode("x".repeat(70_000));
            case 7 -> JSON.stringNode("\ud800");
            default -> JSON.stringNode(oddText());
        };
    }

    /** Something else in place of a JSON text, or it with an end too early or too late. */
    String broken(String json) {
        return switch (random.nextInt(4)) {
            case 0 -> json.substring(0, random.nextInt(json.length() + 1));
            case 1 -> json + json;
            case 2 -> "{\"command\":[\"" + "x".repeat(1 << (10 + random.nextInt(14))) + "\"]}";
            default -> any(TEXTS_OF_JSON);
        };
    }
}
