package dev.aegisvm.testkit;

import module java.base;

/** Runs a program of the host and insists that it succeeds. */
public final class Tool {
    private static final int LIMIT_MINUTES = 20;

    private Tool() {}

    /** Returns what it wrote, to stderr too. */
    public static String run(String... command) throws IOException {
        return run(new ProcessBuilder(command).redirectErrorStream(true));
    }

    /** Runs one that was prepared, with empty stdin and stderr redirected; returns what it wrote to stdout. */
    public static String run(ProcessBuilder program) throws IOException {
        Process process = program.redirectInput(Path.of("/dev/null").toFile()).start();
        CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        try {
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.onExit().join().exitValue();
            if (status != 0) {
                throw new IOException(String.join(" ", program.command()) + " ended with " + status + ": " + output);
            }
            return output;
        } finally {
            process.destroyForcibly();
        }
    }
}
