package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.aegisvm.cli.line.Commands;
import dev.aegisvm.cli.line.HelpText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The help texts, as they are kept in {@code golden/}; {@code -Dgolden.update=true} writes them anew. */
class HelpTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    static Stream<String> verbs() {
        return Commands.NAMES.stream();
    }

    private static void assertGolden(String name, String text) throws IOException {
        Path file = GOLDEN.resolve(name);
        if (Boolean.getBoolean("golden.update")) {
            Files.createDirectories(GOLDEN);
            Files.writeString(file, text);
        }
        assertThat(text).isEqualTo(Files.readString(file));
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbExplainsItself(String verb) throws IOException {
        List<String> words = new ArrayList<>(List.of(verb.split(" ")));
        words.add("--help");
        Call call = Call.of(words.toArray(String[]::new));
        assertThat(call.exitCode()).isZero();
        assertThat(call.err()).isEmpty();
        assertThat(call.out()).contains("\nExample:\n  ").contains(verb);
        assertThat(call.out().lines()).allMatch(line -> line.length() <= 110);
        assertGolden("help-" + verb.replace(' ', '-') + ".txt", call.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help", "instance --help", "secret -h"})
    void theWholeIsExplained(String words) throws IOException {
        Call call = Call.of(words.split(" "));
        assertThat(call.exitCode()).isZero();
        assertThat(call.out().lines()).allMatch(line -> line.length() <= 110);
        assertGolden("help.txt", call.out());
    }

    /** docs/CLI.md is made of the same texts. */
    @Test
    void theDocumentHasThemAll() throws IOException {
        StringBuilder document = new StringBuilder("""
                # Commands

                What `aegis <command> --help` says, for every command. This page is generated from the commands and compared with
                them by a test; `-Dgolden.update=true` writes it anew.
                """);
        for (String name : Commands.NAMES) {
            document.append("\n## aegis ").append(name).append("\n\n```text\n");
            document.append(HelpText.of(Commands.verb(name).usage())).append("```\n");
        }
        Path page = Path.of("../docs/CLI.md");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(page, document);
        }
        assertThat(document.toString()).isEqualTo(Files.readString(page));
    }

    @Test
    void helpOfAVerbCanBeAskedForFirst() {
        assertThat(Call.of("help", "instance", "list").out())
                .isEqualTo(Call.of("instance", "list", "--help").out());
        assertThat(Call.of("run", "-h", "--name").exitCode()).isEqualTo(2);
        assertThat(Call.of("run", "-h").out()).isEqualTo(Call.of("help", "run").out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"bash", "zsh", "fish"})
    void completionScripts(String shell) throws IOException {
        Call call = Call.of("completion", shell);
        assertThat(call.exitCode()).isZero();
        assertGolden("completion." + shell, call.out());
    }

    @ParameterizedTest
    @CsvSource({
        "st, 1, status",
        "instance de, 2, delete",
        "instance start --m, 3, --memory",
        "run --env A=b --c, 4, --cpus",
        "logs --f, 2, --follow",
        "completion z, 2, zsh",
        "exec w, 2, web",
        "instance stop box w, 4, web",
        "exec p, 2, ps",
        "exec ps w, 3, web",
        "exec kill --h, 3, --help",
        "shell w, 2, web",
        "cp w, 2, web:",
        "cp f b, 3, box:",
        "cp --u, 2, --user",
        "instance stop --h, 3, --help",
    })
    void bashCompletes(String words, int at, String completed) throws Exception {
        String script = Call.of("completion", "bash").out() + "COMP_WORDS=(aegis " + words + "); COMP_CWORD=" + at
                + "; aegis() { echo box; echo web; }; _aegis; echo ${COMPREPLY[@]}";
        Process bash = new ProcessBuilder("bash", "--norc", "-c", script)
                .redirectErrorStream(true)
                .start();
        assertThat(new String(bash.getInputStream().readAllBytes(), UTF_8).strip())
                .isEqualTo(completed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void tellsItsVersion(String word) {
        assertThat(Call.of(word)).isEqualTo(new Call(0, "aegis 0.1.0\n", ""));
    }
}
