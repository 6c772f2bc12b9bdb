package dev.aegisvm.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a short-lived program of the host to its end. */
public final class Program {
    private static final long LIMIT_SECONDS = 60;
    private static final int MESSAGE_LIMIT = 2000;

    private Program() {}

    /**
     * Runs a program and returns what it printed.
     *
     * @throws IOException if it is not installed, fails, or takes longer than a minute; the message has what it printed
     */
    public static String run(List<String> command) throws IOException {
        Process process = start(command);
        try {
            byte[] output = process.getInputStream().readAllBytes();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException(command.getFirst() + " did not end within " + LIMIT_SECONDS + " s");
            }
            String text = new String(output, StandardCharsets.UTF_8).trim();
            if (process.exitValue() != 0) {
                throw new IOException(command.getFirst() + " failed with status " + process.exitValue() + ": "
                        + text.substring(0, Math.min(text.length(), MESSAGE_LIMIT)));
            }
            return text;
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + " was interrupted", e);
        }
    }

    private static Process start(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // A secret of the daemon's environment is no business of theirs.
        builder.environment().keySet().retainAll(List.of("PATH"));
        Process process = builder.start();
        process.getOutputStream().close();
        return process;
    }
}
