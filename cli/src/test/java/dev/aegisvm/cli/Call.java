package dev.aegisvm.cli;

import module java.base;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;

/**
 * One call of the command, made in this JVM.
 *
 * @param out what came on stdout
 * @param err what came on stderr
 */
record Call(int exitCode, String out, String err) {
    /** Calls with a home where nothing is. */
    static Call of(String... words) {
        return at(Path.of("/nonexistent/aegis-home"), words);
    }

    static Call at(Path home, String... words) {
        return colouredAt(home, false, words);
    }

    static Call colouredAt(Path home, boolean colours, String... words) {
        return typing("typed".getBytes(StandardCharsets.UTF_8), home, colours, words);
    }

    /** Calls with something on stdin. */
    static Call typing(byte[] in, Path home, boolean colours, String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Console console = new Console(
                new ByteArrayInputStream(in), Channels.newChannel(out), Channels.newChannel(err), colours, colours);
        try (Session session = new Session(console, Map.of("AEGIS_HOME", home.toString()))) {
            int exitCode = new Aegis(session).run(List.of(words));
            return new Call(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }
}
