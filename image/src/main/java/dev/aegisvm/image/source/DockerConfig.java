package dev.aegisvm.image.source;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageReference;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import land.oras.auth.AuthProvider;
import land.oras.auth.UsernamePasswordProvider;
import org.jspecify.annotations.Nullable;

/**
 * Credentials for registries, as {@code docker login} stores them.
 *
 * @param auths credentials in the file itself, by registry
 * @param credHelpers programs that know the credentials of one registry
 * @param credsStore the program that knows those of all others
 */
@Json
public record DockerConfig(
        @Nullable Map<String, Entry> auths,
        @Nullable Map<String, String> credHelpers,
        @Nullable String credsStore) {
    /** The name under which Docker keeps the credentials of its own registry. */
    private static final String DOCKER_HUB = "https://index." + ImageReference.DEFAULT_REGISTRY + "/v1/";

    /**
     * Credentials in the file.
     *
     * @param auth user and password as Basic authentication has them
     */
    @Json
    public record Entry(
            @Nullable String auth,
            @Nullable String username,
            @Nullable String password) {}

    /** The file's content; a missing file counts as empty. */
    static DockerConfig read(Path file) throws ImageException {
        try {
            return Documents.read(
                    Jsonb.builder().build().type(DockerConfig.class), Files.readAllBytes(file), "login file " + file);
        } catch (NoSuchFileException none) {
            return new DockerConfig(null, null, null);
        } catch (IOException e) {
            throw new ImageException(
                    ImageException.Reason.UNAUTHORIZED,
                    "cannot read " + file + ": " + e.getMessage(),
                    "check that the daemon's user may read it",
                    e);
        }
    }

    /** The credentials for a registry: of its own helper, of the file, of the helper for all. */
    Optional<AuthProvider> of(String registry) throws ImageException {
        List<String> names =
                registry.equals(ImageReference.DEFAULT_REGISTRY) ? List.of(DOCKER_HUB, registry) : List.of(registry);
        for (String name : names) {
            String helper = credHelpers == null ? null : credHelpers.get(name);
            if (helper != null) {
                return CredentialHelper.ask(helper, name);
            }
        }
        for (String name : names) {
            for (String key : List.of(name, "https://" + name, "http://" + name, "https://" + name + "/v1/")) {
                Entry entry = auths == null ? null : auths.get(key);
                Optional<AuthProvider> found = entry == null ? Optional.empty() : credentials(entry, name);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return credsStore == null || credsStore.isEmpty()
                ? Optional.empty()
                : CredentialHelper.ask(credsStore, names.getFirst());
    }

    private static Optional<AuthProvider> credentials(Entry entry, String name) throws ImageException {
        if (entry.username != null && entry.password != null) {
            return Optional.of(new UsernamePasswordProvider(entry.username, entry.password));
        }
        if (entry.auth == null || entry.auth.isEmpty()) {
            return Optional.empty();
        }
        try {
            String both = new String(Base64.getDecoder().decode(entry.auth.strip()), StandardCharsets.UTF_8);
            int colon = both.indexOf(':');
            if (colon > 0) {
                return Optional.of(new UsernamePasswordProvider(both.substring(0, colon), both.substring(colon + 1)));
            }
        } catch (IllegalArgumentException notBase64) {
            // Reported below.
        }
        throw new ImageException(
                ImageException.Reason.UNAUTHORIZED,
                "the credentials for " + name + " in Docker's config.json cannot be read",
                "log in again: docker login " + name);
    }
}
