package dev.aegisvm.bench;

import module java.base;

/**
 * A program that is run to its end by the clock: from before its spawn until it has ended and its output was read. Whatever fails
 * is no measurement. It may run again and again.
 */
record TimedProcess(ProcessBuilder program) {
    private static final int LIMIT_MINUTES = 20;

    private record Outcome(double millis, String stdout) {}

    /** Runs it, whatever it prints; returns that. */
    String output() throws IOException {
        return run().stdout;
    }

    /** Runs it; it has to print this. Returns how many milliseconds it took. */
    double millisOf(String expected) throws IOException {
        Outcome outcome = run();
        if (!outcome.stdout.equals(expected)) {
            throw new IOException(words() + " wrote '" + outcome.stdout + "', not '" + expected + "'");
        }
        return outcome.millis;
    }

    private Outcome run() throws IOException {
        program.redirectInput(Path.of("/dev/null").toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
        long begin = System.nanoTime();
        Process process = program.start();
        CompletableFuture.delayedExecutor(LIMIT_MINUTES, TimeUnit.MINUTES).execute(process::destroyForcibly);
        try {
            String stdout = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int exitCode = process.onExit().join().exitValue();
            double millis = Turns.since(begin);
            if (exitCode != 0) {
                throw new IOException(words() + " ended with " + exitCode + " and wrote '" + stdout + "'");
            }
            return new Outcome(millis, stdout);
        } finally {
            process.destroyForcibly();
        }
    }

    private String words() {
        return "'" + String.join(" ", program.command()) + "'";
    }
}
