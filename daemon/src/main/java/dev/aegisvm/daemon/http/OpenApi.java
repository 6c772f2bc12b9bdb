package dev.aegisvm.daemon.http;

import dev.aegisvm.api.Routes;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * The description of the API: written as YAML, served as JSON. It is read when somebody asks and not kept, since hardly
 * anybody does.
 */
public final class OpenApi {
    private static final String SOURCE = "openapi.yaml";

    private OpenApi() {}

    /** An OpenAPI document of version 3.1, in UTF-8. */
    public static byte[] json() {
        try (InputStream yaml = Objects.requireNonNull(Routes.class.getResourceAsStream(SOURCE), SOURCE)) {
            Object document = new Load(LoadSettings.builder().setLabel(SOURCE).build()).loadFromInputStream(yaml);
            return Jsonb.builder().build().type(Object.class).toJsonBytes(document);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
