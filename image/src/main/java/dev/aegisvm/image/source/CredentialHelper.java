package dev.aegisvm.image.source;

import dev.aegisvm.host.Program;
import dev.aegisvm.image.ImageException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Json;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import land.oras.auth.AuthProvider;
import land.oras.auth.UsernamePasswordProvider;
import org.jspecify.annotations.Nullable;

/** Programs {@code docker-credential-NAME}, which know the credentials of registries. */
public final class CredentialHelper {
    private static final long MAX_SECONDS = 30;
    private static final int MAX_ANSWER = 1024 * 1024;

    private CredentialHelper() {}

    /**
     * The JSON that a helper answers.
     *
     * @param secret the password, or a token
     */
    @Json
    public record Answer(
            @Json.Property("Username") @Nullable String username,
            @Json.Property("Secret") @Nullable String secret) {
        @Override
        public String toString() {
            return username + ":…";
        }
    }

    /** Asks a helper for the credentials of a registry; empty when it has none. */
    static Optional<AuthProvider> ask(String helper, String registry) throws ImageException {
        if (!helper.matches("[A-Za-z0-9_.-]+")) {
            throw failed(helper, "this is not a valid name", null);
        }
        try {
            Path program = Program.find("docker-credential-" + helper)
                    .orElseThrow(() -> failed(helper, "it is not installed", null));
            Process process = new ProcessBuilder(program.toString(), "get")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (var stdin = process.getOutputStream()) {
                stdin.write(registry.getBytes(StandardCharsets.UTF_8));
            }
            if (!process.waitFor(MAX_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw failed(helper, "it did not answer within " + MAX_SECONDS + " s", null);
            }
            String output = new String(process.getInputStream().readNBytes(MAX_ANSWER), StandardCharsets.UTF_8);
            if (process.exitValue() == 0) {
                return Optional.of(credentials(helper, output));
            }
            if (output.contains("credentials not found")) {
                return Optional.empty();
            }
            throw failed(helper, "it failed", null);
        } catch (IOException e) {
            throw failed(helper, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(helper, "interrupted", e);
        }
    }

    private static AuthProvider credentials(String helper, String output) throws ImageException {
        try {
            Answer answer = Jsonb.builder().build().type(Answer.class).fromJson(output);
            if (answer.username() == null || answer.secret() == null) {
                throw failed(helper, "its answer has no user and secret", null);
            }
            return new UsernamePasswordProvider(answer.username(), answer.secret());
        } catch (JsonException e) {
            // The cause would quote the answer.
            throw failed(helper, "its answer is not JSON", null);
        }
    }

    private static ImageException failed(String helper, String why, @Nullable Exception cause) {
        return new ImageException(
                ImageException.Reason.UNAUTHORIZED,
                "the credential helper docker-credential-" + helper + " gave no credentials: " + why,
                "Docker's config.json names it; it must be on the daemon's PATH",
                cause);
    }
}
