package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.image.*;
import io.avaje.json.JsonException;
import io.avaje.jsonb.*;
import land.oras.auth.*;
import org.jspecify.annotations.Nullable;

/**
 * Credentials for registries, as {@code docker login} stores them.
 *
 * @param credHelpers programs that know the credentials of one registry
 * @param credsStore the program that knows those of all others
 */
@Json
public record DockerConfig(
        @Nullable Map<String, Entry> auths,
        @Nullable Map<String, String> credHelpers,
        @Nullable String credsStore) {
    private static final long MAX_HELPER_SECONDS = 30;
    private static final int MAX_HELPER_ANSWER = 1024 * 1024;

    /** The name under which Docker keeps the credentials of its own registry. */
    private static final String DOCKER_HUB = "https://index." + ImageReference.DEFAULT_REGISTRY + "/v1/";

    /** Credentials in the file; {@code auth} is user and password as Basic authentication has them. */
    @Json
    public record Entry(
            @Nullable String auth,
            @Nullable String username,
            @Nullable String password) {}

    static DockerConfig read(Path file) throws ImageException {
        byte[] json;
        try {
            json = Files.readAllBytes(file);
        } catch (NoSuchFileException none) {
            return new DockerConfig(null, null, null);
        } catch (IOException e) {
            throw new ImageException(
                    ImageException.Reason.UNAUTHORIZED,
                    "cannot read " + file + ": " + HostError.reason(e),
                    "check that the daemon's user may read it",
                    e);
        }
        return Documents.read(Jsonb.builder().build().type(DockerConfig.class), json, "login file " + file);
    }

    /** What a helper answers; the secret is a password, or a token. */
    @Json
    public record HelperAnswer(
            @Json.Property("Username") @Nullable String username,
            @Json.Property("Secret") @Nullable String secret) {
        @Override
        public String toString() {
            return username + ":…";
        }
    }

    /** The credentials for a registry: of its own helper, of the file, of the helper for all. */
    Optional<AuthProvider> of(String registry) throws ImageException {
        List<String> names =
                registry.equals(ImageReference.DEFAULT_REGISTRY) ? List.of(DOCKER_HUB, registry) : List.of(registry);
        for (String name : names) {
            String helper = credHelpers == null ? null : credHelpers.get(name);
            if (helper != null) {
                return ask(helper, name);
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
        return credsStore == null || credsStore.isEmpty() ? Optional.empty() : ask(credsStore, names.getFirst());
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

    /** Asks the program {@code docker-credential-HELPER} for the credentials of a registry; empty when it has none. */
    private static Optional<AuthProvider> ask(String helper, String registry) throws ImageException {
        try {
            if (!helper.matches("[A-Za-z0-9_.-]+")) {
                throw new IOException("this is not a valid name");
            }
            Path program = Program.find("docker-credential-" + helper)
                    .orElseThrow(() -> new IOException("it is not installed"));
            Process process = new ProcessBuilder(program.toString(), "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(registry.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(MAX_HELPER_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("it did not answer within " + MAX_HELPER_SECONDS + " s");
            }
            String output = new String(process.getInputStream().readNBytes(MAX_HELPER_ANSWER), StandardCharsets.UTF_8);
            if (process.exitValue() == 0) {
                return Optional.of(answered(output));
            }
            if (output.contains("credentials not found")) {
                return Optional.empty();
            }
            throw new IOException("it failed");
        } catch (IOException e) {
            throw failed(helper, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(helper, "interrupted", e);
        }
    }

    private static AuthProvider answered(String output) throws IOException {
        try {
            HelperAnswer answer =
                    Jsonb.builder().build().type(HelperAnswer.class).fromJson(output);
            if (answer.username() == null || answer.secret() == null) {
                throw new IOException("its answer has no user name or no secret");
            }
            return new UsernamePasswordProvider(answer.username(), answer.secret());
        } catch (JsonException e) {
            // The cause would quote the answer.
            throw new IOException("its answer is not JSON");
        }
    }

    private static ImageException failed(String helper, String why, Exception cause) {
        return new ImageException(
                ImageException.Reason.UNAUTHORIZED,
                "the credential helper docker-credential-" + helper + " failed: " + why,
                "Docker's config.json asks for it: put it on the daemon's PATH, or remove it from config.json",
                cause);
    }
}
