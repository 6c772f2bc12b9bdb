package dev.aegisvm.host;

import module java.base;
import org.jspecify.annotations.Nullable;

/**
 * Programs of the host: where they are, and how one is started. They are looked for where {@code PATH} leads and in the
 * directories of system programs, such as mke2fs, which the {@code PATH} of an ordinary login does not have.
 */
public final class Program {
    /** What the programs below need, and only they know of. */
    public static final List<String> NEEDED = List.of("setsid");

    private static final String SYSTEM_DIRECTORIES = "/usr/local/sbin:/usr/sbin:/sbin";
    private static final long LIMIT_SECONDS = 60;
    private static final int MESSAGE_LIMIT = 2000;

    private Program() {}

    public static Optional<Path> find(String name) {
        return find(name, searchPath(System.getenv("PATH")));
    }

    /** The same for directories that are given, with colons between them. */
    public static Optional<Path> find(String name, String searchPath) {
        return Stream.of(searchPath.split(":", -1))
                .filter(directory -> directory.startsWith("/"))
                .map(directory -> Path.of(directory, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    static String searchPath(@Nullable String path) {
        return (path == null || path.isEmpty() ? "/usr/local/bin:/usr/bin:/bin" : path) + ":" + SYSTEM_DIRECTORIES;
    }

    /**
     * A program that is about to be started, its stderr in its stdout. Of our environment it gets {@code PATH} alone: a
     * secret in the rest is no business of its.
     *
     * @param command the program's name or path, and its arguments
     * @throws IOException if there is no such program
     */
    public static ProcessBuilder prepared(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(located(command)).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().put("PATH", searchPath(System.getenv("PATH")));
        return builder;
    }

    static List<String> located(List<String> command) throws IOException {
        String name = command.getFirst();
        if (name.indexOf('/') >= 0) {
            return command;
        }
        List<String> located = new ArrayList<>(command);
        located.set(
                0,
                find(name)
                        .orElseThrow(() -> new IOException(
                                name + " is not installed: not found in " + searchPath(System.getenv("PATH"))))
                        .toString());
        return located;
    }

    /** A program that goes on in a session of its own, out of reach of our terminal's Ctrl+C, in our environment. */
    public static ProcessBuilder detached(Path program) throws IOException {
        return new ProcessBuilder(located(List.of("setsid", program.toString())))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile());
    }

    /**
     * Runs a program that reads nothing to its end and returns what it printed.
     *
     * @throws IOException if it is not installed, fails, or takes longer than a minute; the message has what it printed
     */
    public static String run(List<String> command) throws IOException {
        Process process =
                prepared(command).redirectInput(Path.of("/dev/null").toFile()).start();
        CompletableFuture<Process> end = process.onExit().orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS);
        var _ = end.exceptionally(late -> {
            kill(process);
            return process;
        });
        try {
            byte[] output = process.getInputStream().readAllBytes();
            process.waitFor();
            String text = new String(output, StandardCharsets.UTF_8).trim();
            if (process.exitValue() != 0) {
                throw new IOException(command.getFirst() + " failed with status " + process.exitValue() + ": "
                        + text.substring(0, Math.min(text.length(), MESSAGE_LIMIT)));
            }
            return text;
        } catch (IOException failed) {
            if (end.isCompletedExceptionally()) {
                throw new IOException(command.getFirst() + " timed out after " + LIMIT_SECONDS + " s, killed", failed);
            }
            throw failed;
        } catch (InterruptedException e) {
            kill(process);
            Thread.currentThread().interrupt();
            throw new IOException(command.getFirst() + " was interrupted", e);
        }
    }

    /** Ends a process and its descendants, except any started at this moment, so that readers of their output end. */
    public static void kill(Process process) {
        if (process.isAlive()) {
            List<ProcessHandle> started = process.descendants().toList();
            // First itself, or it goes on after the others and starts the next.
            process.destroyForcibly();
            started.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
