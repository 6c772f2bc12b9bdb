package dev.aegisvm.testkit;

import module java.base;

/** Runs a program of the host and insists that it succeeds. */
public final class Tool {
    private Tool() {}

    /** Returns what it wrote, to stderr too. */
    public static String run(String... command) throws IOException {
        Process process =
                new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.onExit().join().exitValue();
        if (status != 0) {
            throw new IOException(String.join(" ", command) + " ended with " + status + ": " + output);
        }
        return output;
    }
}
