package dev.aegisvm.daemon.http;

import module java.base;
import dev.aegisvm.api.*;
import io.avaje.jsonb.Jsonb;
import org.snakeyaml.engine.v2.api.*;

/** The description of the API: written as YAML, served as JSON, and read again at each of its few requests. */
public final class OpenApi {
    private static final String SOURCE = "openapi.yaml";

    private OpenApi() {}

    public static byte[] json() {
        Object document = new Load(LoadSettings.builder().setLabel(SOURCE).build())
                .loadFromString(TextResource.of(Routes.class, SOURCE));
        Routes.all().forEach(route -> addErrors(route, document));
        return Jsonb.builder().build().type(Object.class).toJsonBytes(document);
    }

    /** Every operation lists the codes with which it may be refused. */
    private static void addErrors(Route<?, ?> route, Object document) {
        Map<Object, Object> operation =
                at(document, "paths", route.template(), route.method().toLowerCase(Locale.ROOT));
        operation.put(
                "x-error-codes",
                Stream.concat(route.errors().stream(), Routes.COMMON.stream())
                        .map(ErrorCode::wire)
                        .toList());
    }

    @SuppressWarnings("unchecked") // an object of YAML
    private static Map<Object, Object> at(Object document, String... keys) {
        Map<Object, Object> found = (Map<Object, Object>) document;
        for (String key : keys) {
            found = (Map<Object, Object>) Objects.requireNonNull(found.get(key), key);
        }
        return found;
    }
}
