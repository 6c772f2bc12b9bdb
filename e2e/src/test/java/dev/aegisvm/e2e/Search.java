package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;

/** Looks for bytes where they must not be. They are given to the search by its stdin, so that no command line has them. */
final class Search {
    private Search() {}

    /** The files below a directory, sparse disks and templates too, that have them: one in each line. */
    static String below(Path directory, String needle) throws IOException {
        return run("find-bytes.py", directory.toString(), needle);
    }

    /** {@code found} or {@code not found} in the memory of a process, with a line break. */
    static String inMemory(long pid, String needle) throws IOException {
        return run("find-in-memory.py", Long.toString(pid), needle);
    }

    private static String run(String script, String argument, String needle) throws IOException {
        Process finder = new ProcessBuilder("python3", "src/test/resources/" + script, argument)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (OutputStream in = finder.getOutputStream()) {
            in.write(needle.getBytes(StandardCharsets.UTF_8));
        }
        String found = new String(finder.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(finder.onExit().join().exitValue()).isZero();
        return found;
    }
}
