package dev.aegisvm.image.registry;

import dev.aegisvm.host.Program;
import dev.aegisvm.image.ImageException;
import io.avaje.json.JsonException;
import io.avaje.jsonb.Jsonb;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A program {@code docker-credential-NAME}: told a registry, it answers with credentials. */
final class CredentialProgram {
    private static final long LIMIT_SECONDS = 30;
    private static final int LONGEST_ANSWER = 1024 * 1024;

    private CredentialProgram() {}

    static Optional<DockerConfig.Credentials> ask(String helper, String registry) throws ImageException {
        if (!helper.matches("[A-Za-z0-9_.-]+")) {
            throw failed(helper, "that is no name of one", null);
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
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw failed(helper, "it did not answer within " + LIMIT_SECONDS + " s", null);
            }
            String output =
                    new String(process.getInputStream().readNBytes(LONGEST_ANSWER), StandardCharsets.UTF_8).strip();
            return process.exitValue() == 0 ? credentials(helper, output) : refusal(helper, output);
        } catch (IOException e) {
            throw failed(helper, String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(helper, "interrupted", e);
        }
    }

    private static Optional<DockerConfig.Credentials> credentials(String helper, String output) throws ImageException {
        try {
            HelperAnswer answer =
                    Jsonb.builder().build().type(HelperAnswer.class).fromJson(output);
            if (answer.username() == null || answer.secret() == null) {
                throw failed(helper, "its answer has no user and secret", null);
            }
            return Optional.of(new DockerConfig.Credentials(answer.username(), answer.secret()));
        } catch (JsonException e) {
            // The cause would quote the answer.
            throw failed(helper, "its answer is no JSON", null);
        }
    }

    /** A helper that knows nothing of a registry says so and fails. */
    private static Optional<DockerConfig.Credentials> refusal(String helper, String output) throws ImageException {
        if (output.contains("credentials not found")) {
            return Optional.empty();
        }
        throw failed(helper, "it failed", null);
    }

    private static ImageException failed(String helper, String why, @Nullable Exception cause) {
        return new ImageException(
                ImageException.Reason.UNAUTHORIZED,
                "the credential helper docker-credential-" + helper + " gave no credentials: " + why,
                "it is named in Docker's config.json and has to be on the daemon's PATH",
                cause);
    }
}
