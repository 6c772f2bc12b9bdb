package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiError;
import dev.aegisvm.api.BodyType;
import dev.aegisvm.api.BodyType.BodyForm;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ExecDone;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.Route;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.VmLimits;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The description of the API says what the code says. */
class OpenApiDocumentTest {
    /** Records of requests: which of their fields are needed is the daemon's to say. */
    private static final Set<String> ASKED = Set.of(
            "ChangeNetwork",
            "CreateInstance",
            "NetworkTarget",
            "PortMapping",
            "ExecRequest",
            "KeepaliveRequest",
            "LoadImages",
            "PullImage",
            "RenameRequest",
            "SecretValue",
            "TakeSnapshot",
            "SaveImage",
            "SnapshotFile",
            "ForkRequest",
            "RewindRequest");

    private final OpenApiDocument document = new OpenApiDocument();

    @Test
    void everyRouteIsDescribedAndNothingElseIs() throws IllegalAccessException {
        List<String> declared = new ArrayList<>();
        for (Field constant : Routes.class.getFields()) {
            if (constant.get(null) instanceof Route<?, ?> route) {
                // KILL_EXEC is killExec.
                String id = Pattern.compile("_(.)")
                        .matcher(constant.getName().toLowerCase(Locale.ROOT))
                        .replaceAll(word -> word.group(1).toUpperCase(Locale.ROOT));
                declared.add(id + " " + route.method() + " " + route.template());
            }
        }
        assertThat(declared).hasSameSizeAs(Routes.all());
        assertThat(document.operations())
                .extracting(operation -> operation.id() + " " + operation.route())
                .containsExactlyInAnyOrderElementsOf(declared);
    }

    @Test
    void requestsAndAnswersAreOfTheTypesThatTheirRoutesHave() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            Route<?, ?> route = route(operation);
            JsonNode request = operation.node().path("requestBody").path("content");
            assertThat(described(request, route.request())).as(operation.id()).isEqualTo(declared(route.request()));
            JsonNode responses = operation.node().path("responses");
            if (route.answer().form() == BodyForm.STREAM) {
                assertThat(responses.has("101")).as(operation.id()).isTrue();
            } else if (!route.equals(Routes.OPENAPI)) {
                JsonNode answer = document.resolved(responses.path("200")).path("content");
                assertThat(described(answer, route.answer())).as(operation.id()).isEqualTo(declared(route.answer()));
            }
        }
    }

    private static Route<?, ?> route(OpenApiDocument.Operation operation) {
        return Routes.all().stream()
                .filter(route -> operation.route().equals(route.method() + " " + route.template()))
                .findFirst()
                .orElseThrow();
    }

    private static String declared(BodyType<?> type) {
        return type.record() == Void.class ? "" : type.record().getSimpleName();
    }

    /** The record that the document names for a body; empty for content that is no JSON. */
    private static String described(JsonNode content, BodyType<?> type) {
        if (type.form() == BodyForm.NOTHING) {
            assertThat(content.isMissingNode()).isTrue();
            return "";
        }
        assertThat(content.has(type.form().contentType()))
                .as("%s has %s", content, type.form())
                .isTrue();
        JsonNode schema = content.path(type.form().contentType()).path("schema");
        JsonNode record = type.form() == BodyForm.LIST ? schema.path("items") : schema;
        return record.path("$ref").asString("").replace("#/components/schemas/", "");
    }

    @Test
    void refusalsHaveTheStatusOfADeclaredError() {
        for (OpenApiDocument.Operation operation : document.operations()) {
            Route<?, ?> route = route(operation);
            Set<String> statuses = Stream.concat(Routes.COMMON.stream(), route.errors().stream())
                    .map(code -> Integer.toString(code.status()))
                    .collect(Collectors.toSet());
            assertThat(operation.node().path("responses").propertyNames().stream()
                            .filter(status -> status.startsWith("4")))
                    .as(operation.id())
                    .isSubsetOf(statuses);
        }
    }

    @Test
    void sizesHaveTheLimitsThatTheDaemonKeeps() {
        JsonNode asked = document.schema("CreateInstance").path("properties");
        assertThat(limits(asked.path("memory_mb"))).isEqualTo(VmLimits.MIN_MEMORY_MB + ".." + VmLimits.MAX_MEMORY_MB);
        assertThat(limits(asked.path("vcpus"))).isEqualTo("1.." + VmLimits.MAX_VCPUS);
        assertThat(limits(asked.path("disk_mb"))).isEqualTo(VmLimits.MIN_DISK_MB + ".." + VmLimits.MAX_DISK_MB);
    }

    private static String limits(JsonNode schema) {
        return schema.path("minimum").asInt() + ".." + schema.path("maximum").asInt();
    }

    @Test
    void everyOperationHasANameAndAnExampleThatGoesWell() {
        assertThat(document.operations())
                .extracting(OpenApiDocument.Operation::id)
                .doesNotHaveDuplicates()
                .doesNotContain("");
        List<String> wellDone = document.examples().stream()
                .filter(example -> example.status() < 400)
                .map(example -> example.operation().id())
                .toList();
        assertThat(document.operations())
                .allSatisfy(operation -> assertThat(wellDone).contains(operation.id()));
        assertThat(document.examples())
                .extracting(OpenApiDocument.Example::title)
                .doesNotHaveDuplicates();
    }

    @Test
    void everyExampleIsWhatItsSchemaSays() {
        for (OpenApiDocument.Example example : document.examples()) {
            if (!example.schema().isMissingNode() && !example.value().isMissingNode()) {
                document.check(example.title(), example.schema(), example.value());
            }
            if (example.status() < 400) {
                checkRequest(example);
            }
        }
    }

    private void checkRequest(OpenApiDocument.Example example) {
        for (JsonNode parameter : example.operation().parameters()) {
            document.value(parameter, example.name())
                    .ifPresent(value -> document.check(
                            example.title() + " " + parameter.path("name").asString(),
                            parameter.path("schema"),
                            value));
        }
        JsonNode schema = document.bodySchema(example.operation());
        if (!schema.isMissingNode()) {
            document.body(example)
                    .ifPresent(body -> document.check(
                            example.title(), schema, body.getValue().path("value")));
        }
    }

    @Test
    void everyReferenceLeadsSomewhere() {
        assertThat(document.root().findValuesAsString("$ref"))
                .isNotEmpty()
                .allSatisfy(reference -> assertThat(
                                document.root().at(reference.substring(1)).isMissingNode())
                        .as(reference)
                        .isFalse());
    }

    @Test
    void recordsAreDescribedFieldByField() {
        int records = 0;
        Map<String, Class<?>> byName = records().stream().collect(Collectors.toMap(Class::getSimpleName, type -> type));
        for (String name : document.root().path("components").path("schemas").propertyNames()) {
            Class<?> type = byName.get(name);
            JsonNode schema = document.schema(name);
            // Others are values that are written as a text.
            if (type != null && type.isRecord() && schema.has("properties")) {
                records++;
                assertThat(new TreeSet<>(schema.path("properties").propertyNames()))
                        .as(name)
                        .isEqualTo(names(Arrays.stream(type.getRecordComponents())));
                if (!ASKED.contains(name)) {
                    assertThat(new TreeSet<>(schema.path("required")
                                    .valueStream()
                                    .map(JsonNode::asString)
                                    .toList()))
                            .as("what %s always has", name)
                            .isEqualTo(names(Arrays.stream(type.getRecordComponents())
                                    .filter(component -> !isNullable(component.getAnnotatedType()))));
                }
            }
        }
        assertThat(records).isGreaterThan(30);
    }

    /** The records that routes name, and those that these are made of. */
    private static Set<Class<?>> records() {
        Set<Class<?>> found = new LinkedHashSet<>(List.of(ApiError.class, ExecDone.class, ProcessExit.class));
        Deque<Class<?>> left = new ArrayDeque<>(found);
        Routes.all()
                .forEach(route -> left.addAll(
                        List.of(route.request().record(), route.answer().record())));
        while (!left.isEmpty()) {
            Class<?> type = left.remove();
            found.add(type);
            if (type.isRecord()) {
                for (RecordComponent component : type.getRecordComponents()) {
                    parts(component.getGenericType()).filter(found::add).forEach(left::add);
                }
            }
        }
        return found;
    }

    private static Stream<Class<?>> parts(Type type) {
        return type instanceof ParameterizedType generic
                ? Arrays.stream(generic.getActualTypeArguments()).flatMap(OpenApiDocumentTest::parts)
                : Stream.of((Class<?>) type);
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static Set<String> names(Stream<RecordComponent> components) {
        return new TreeSet<>(components
                .map(component ->
                        component.getName().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT))
                .toList());
    }

    @Test
    void everyErrorCodeIsListed() {
        assertThat(document.schema("ErrorCode").path("enum").valueStream().map(JsonNode::asString))
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(ErrorCode.values()).map(ErrorCode::wire).toList());
    }
}
