package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.Routes;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The description of the API says what the code says. */
class OpenApiDocumentTest {
    /** Records of requests: which of their fields are needed is the daemon's to say. */
    private static final Set<String> ASKED = Set.of(
            "CreateInstance",
            "PortMapping",
            "ExecRequest",
            "KeepaliveRequest",
            "LoadImages",
            "PullImage",
            "SecretValue");

    /** Where the records are: alone in a file, or with others of one subject. */
    private static final List<String> HOLDERS = List.of(
            "",
            "Actions$",
            "ExecViews$",
            "FileView$",
            "ImageViews$",
            "InstanceView$",
            "PortMapping$",
            "SecretViews$",
            "StatsView$");

    private final OpenApiDocument document = new OpenApiDocument();

    @Test
    void everyRouteIsDescribedAndNothingElseIs() {
        assertThat(document.operations())
                .extracting(OpenApiDocument.Operation::route)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(Routes.values())
                        .map(route -> route.method() + " " + route.template())
                        .toList());
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
        for (String name : document.root().path("components").path("schemas").propertyNames()) {
            Class<?> type = find(name);
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

    private static @Nullable Class<?> find(String name) {
        for (String holder : HOLDERS) {
            try {
                return Class.forName("dev.aegisvm.api." + holder + name);
            } catch (ClassNotFoundException elsewhere) {
                // The next holder may have it.
            }
        }
        return null;
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
