package dev.aegisvm.bench;

import dev.aegisvm.testkit.TestHome;
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
 * @param environment all of it
 * @param directory where it runs; null: here
 * @param limit it is killed after this time
 */
record TimedProcess(
        List<String> command,
        Map<String, String> environment,
        @Nullable Path directory,
        Duration limit) {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    /**
     * How it went.
     *
     * @param millis from spawn to end
     * @param stdout all that it wrote there; its stderr is ours
     */
    record Outcome(double millis, int exitCode, String stdout) {}

    /** A program of this machine, in our environment. */
    static TimedProcess of(String... command) {
        return new TimedProcess(List.of(command), System.getenv(), null, LIMIT);
    }

    /** A program in the environment of a home. */
    static TimedProcess in(TestHome home, List<String> command) {
        return new TimedProcess(command, Map.copyOf(home.environment()), null, LIMIT);
    }

    Outcome run() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().clear();
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

    /** Runs it, whatever it prints; anything but a good end is a failure. Returns what it printed. */
    String mustEnd() throws IOException {
        Outcome outcome = run();
        if (outcome.exitCode() != 0) {
            throw new IOException("'" + String.join(" ", command) + "' ended with " + outcome.exitCode()
                    + " and wrote '" + outcome.stdout() + "'");
        }
        return outcome.stdout();
    }
}
