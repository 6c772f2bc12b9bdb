package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import dev.aegisvm.daemon.http.OpenApi;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** openapi.yaml, with its examples as requests and answers. */
final class OpenApiDocument {
    static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> METHODS = List.of("get", "put", "post", "patch", "delete");

    private final SchemaRegistry registry = SchemaRegistry.withDialect(
            Dialects.getOpenApi31(),
            builder -> builder.schemaRegistryConfig(
                    SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));

    private final JsonNode root = JSON.readTree(OpenApi.json());

    /** The schemas without additional fields; those of the document allow a newer daemon to add some. */
    private final JsonNode strict = closed(root.path("components").path("schemas"));

    /**
     * An operation on a path.
     *
     * @param parameters those of the path, and its own
     */
    record Operation(String id, String method, String path, JsonNode node, List<JsonNode> parameters) {
        /** As {@code Routes} has it. */
        String route() {
            return method + " " + path;
        }
    }

    /**
     * A request and the kind of answer that it gets.
     *
     * @param type the answer's content type
     * @param schema of the answer, or of each of its lines; missing where it is not JSON
     * @param value of the answer, as the document shows it; missing where it shows none
     */
    record Example(Operation operation, String name, int status, String type, JsonNode schema, JsonNode value) {
        /** The operation and the name. */
        String title() {
            return operation.id() + " " + name;
        }
    }

    JsonNode root() {
        return root;
    }

    JsonNode schema(String name) {
        return root.path("components").path("schemas").path(name);
    }

    List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        root.path("paths")
                .properties()
                .forEach(path -> METHODS.stream()
                        .filter(path.getValue()::has)
                        .forEach(method -> operations.add(operation(path.getKey(), path.getValue(), method))));
        return operations;
    }

    private Operation operation(String path, JsonNode item, String method) {
        JsonNode node = item.path(method);
        List<JsonNode> parameters = new ArrayList<>();
        item.path("parameters").forEach(each -> parameters.add(resolved(each)));
        node.path("parameters").forEach(each -> parameters.add(resolved(each)));
        return new Operation(
                node.path("operationId").asString(),
                method.toUpperCase(Locale.ROOT),
                path,
                node,
                List.copyOf(parameters));
    }

    /** Every example of an answer, with the request that leads to it. */
    List<Example> examples() {
        List<Example> examples = new ArrayList<>();
        for (Operation operation : operations()) {
            operation.node().path("responses").properties().forEach(answer -> {
                for (Map.Entry<String, JsonNode> content :
                        resolved(answer.getValue()).path("content").properties()) {
                    JsonNode schema = content.getValue().path("schema");
                    content.getValue()
                            .path("examples")
                            .properties()
                            .forEach(each -> examples.add(new Example(
                                    operation,
                                    each.getKey(),
                                    Integer.parseInt(answer.getKey()),
                                    content.getKey(),
                                    schema,
                                    each.getValue().path("value"))));
                }
            });
        }
        return examples;
    }

    /** The value that a parameter has in an example; an optional one may be left out. */
    Optional<JsonNode> value(JsonNode parameter, String example) {
        JsonNode examples = parameter.path("examples");
        if (examples.has(example)) {
            return Optional.of(examples.path(example).path("value"));
        }
        boolean required = parameter.path("required").asBoolean(false);
        return required
                ? Optional.of(examples.properties().iterator().next().getValue().path("value"))
                : Optional.empty();
    }

    /** The body that the request of an example has: its content type, and an object that has its value, if it has one. */
    Optional<Map.Entry<String, JsonNode>> body(Example example) {
        return example.operation().node().path("requestBody").path("content").properties().stream()
                .filter(content -> content.getValue().path("examples").has(example.name()))
                .map(content -> Map.entry(
                        content.getKey(), content.getValue().path("examples").path(example.name())))
                .findFirst();
    }

    /** The schema of the body of a request, where that is JSON. */
    JsonNode bodySchema(Operation operation) {
        return operation
                .node()
                .path("requestBody")
                .path("content")
                .path("application/json")
                .path("schema");
    }

    /** Resolves a reference. */
    JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? root.at(node.path("$ref").asString().substring(1)) : node;
    }

    /** Asserts that a value is what a schema says, and has no field that the schema does not name. */
    void check(String what, JsonNode schema, JsonNode value) {
        ObjectNode whole = ((ObjectNode) schema).deepCopy();
        whole.putObject("components").set("schemas", strict);
        Schema compiled = registry.getSchema(whole);
        assertThat(compiled.validate(value)).as("%s: %s", what, value).isEmpty();
    }

    private static JsonNode closed(JsonNode schemas) {
        ObjectNode all = ((ObjectNode) schemas).deepCopy();
        for (JsonNode schema : all) {
            if (schema.has("properties")) {
                ((ObjectNode) schema).put("additionalProperties", false);
            }
        }
        return all;
    }
}
