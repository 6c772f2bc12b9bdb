package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program that is run to its end by the clock: from before its spawn until it has ended and its output was read.
 *
 * @param command program and arguments
 * @param environment added to ours
 * @param directory where it runs; null: here
 * @param limit it is killed after this time
 */
record TimedProcess(
        List<String> command,
        Map<String, String> environment,
        @Nullable Path directory,
        Duration limit) {

    /**
     * How it went.
     *
     * @param millis from spawn to end
     * @param stdout all that it wrote there; its stderr is ours
     */
    record Outcome(double millis, int exitCode, String stdout) {}

    static TimedProcess of(List<String> command, Map<String, String> environment) {
        return new TimedProcess(command, environment, null, Duration.ofMinutes(1));
    }

    Outcome run() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        if (directory != null) {
            builder.directory(directory.toFile());
        }
        long begin = System.nanoTime();
        Process process = builder.start();
        CompletableFuture<Void> alarm = new CompletableFuture<Void>()
                .completeOnTimeout(null, limit.toMillis(), TimeUnit.MILLISECONDS)
                .thenRun(process::destroyForcibly);
        try {
            byte[] stdout = process.getInputStream().readAllBytes();
            int exitCode = process.waitFor();
            long end = System.nanoTime();
            return new Outcome((end - begin) / 1e6, exitCode, new String(stdout, StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            alarm.cancel(false);
            process.destroyForcibly();
        }
    }

    /** Runs it; what takes the time of a failure is no measurement. */
    double millisOf(String expected) throws IOException {
        Outcome outcome = run();
        if (outcome.exitCode() != 0 || !outcome.stdout().equals(expected)) {
            throw new IOException("'" + String.join(" ", command) + "' ended with " + outcome.exitCode()
                    + " and wrote '" + outcome.stdout() + "', not '" + expected + "'");
        }
        return outcome.millis();
    }
}
