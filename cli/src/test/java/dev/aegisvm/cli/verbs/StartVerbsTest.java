package dev.aegisvm.cli.verbs;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.cli.ScriptedDaemon;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a person who waits for a start is told. */
class StartVerbsTest {
    private static final Instant BEGIN = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    Path home;

    private Optional<String> lastWord() throws IOException {
        WritableByteChannel none = Channels.newChannel(OutputStream.nullOutputStream());
        Console console = new Console(InputStream.nullInputStream(), none, none, false, false);
        try (Session session = new Session(console, Map.of("AEGIS_HOME", home.toString()))) {
            return StartVerbs.lastWord("box", BEGIN, session);
        }
    }

    private Optional<String> lastWord(String log) throws IOException {
        try (ScriptedDaemon daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), _ -> ScriptedDaemon.chunk(log))) {
            Optional<String> word = lastWord();
            assertThat(daemon.requests())
                    .singleElement()
                    .asString()
                    .startsWith("GET /v1/instances/box/logs?source=system&since=2026-01-02T03%3A04%3A05Z&tail=1 ");
            return word;
        } finally {
            Files.delete(home.resolve("aegisd.sock"));
        }
    }

    @Test
    void itIsTheLatestThatTheDaemonSaidOfThisStart() throws IOException {
        assertThat(lastWord("""
                {"ts":"2026-01-02T03:04:06Z","stream":"system","line":"making one file","source":"system","instance_id":"i"}
                """)).contains("making one file");
        assertThat(lastWord("")).isEmpty();
        assertThat(lastWord()).as("no daemon answers").isEmpty();
    }
}
