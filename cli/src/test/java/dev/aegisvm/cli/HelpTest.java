package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.Build;
import dev.aegisvm.cli.line.Command;
import dev.aegisvm.cli.line.HelpText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The help texts, as they are kept in {@code golden/}; {@code -Dgolden.update=true} writes them anew. */
class HelpTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    /** The words after the program's name, for each command and each group. */
    static Stream<String> commands() {
        return CommandTree.root().all().stream()
                .skip(1)
                .map(command -> command.path().substring("aegis ".length()));
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
    @MethodSource("commands")
    void everyCommandExplainsItself(String verb) throws IOException {
        List<String> words = new ArrayList<>(List.of(verb.split(" ")));
        words.add("--help");
        Call call = Call.of(words.toArray(String[]::new));
        assertThat(call.exitCode()).isZero();
        assertThat(call.err()).isEmpty();
        assertThat(call.out())
                .containsPattern("\nExample:\n  \\S|\nCommands:\n")
                .contains(verb);
        assertThat(call.out().lines()).allMatch(line -> line.length() <= 110);
        assertGolden("help-" + verb.replace(' ', '-') + ".txt", call.out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "-h", "help"})
    void theWholeIsExplained(String words) throws IOException {
        Call call = Call.of(words.split(" "));
        assertThat(call.exitCode()).isZero();
        assertThat(call.out().lines())
                .allMatch(line -> line.length() <= 110)
                .as("the whole fits on a screen")
                .hasSizeLessThanOrEqualTo(45);
        assertGolden("help.txt", call.out());
    }

    /** docs/CLI.md is made of the same texts. */
    @Test
    void theDocumentHasThemAll() throws IOException {
        StringBuilder document = new StringBuilder("""
                # Commands

                What `aegis <command> --help` says, for every command. This page is generated from the commands and compared with
                them by a test; `-Dgolden.update=true` writes it again.

                | command | does |
                | --- | --- |
                """);
        List<Command> commands = CommandTree.root().all();
        commands = commands.subList(1, commands.size());
        for (Command command : commands) {
            String anchor = command.path().replace(' ', '-');
            document.append("| [%s](#%s) | %s |\n".formatted(command.path(), anchor, command.summary()));
        }
        addWords(document);
        for (Command command : commands) {
            document.append("\n## ").append(command.path()).append("\n\n```text\n");
            document.append(HelpText.of(command)).append("```\n");
        }
        Path page = Path.of("../docs/CLI.md");
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(page, document);
        }
        assertThat(document.toString()).isEqualTo(Files.readString(page));
    }

    private static void addWords(StringBuilder document) {
        document.append("""

                ## Words

                A command is a noun and a verb, such as `aegis instance stop`, or a verb alone, such as `aegis run`. These pages call each
                command by one name. Those who come from Docker can type these as well:

                | short form | is |
                | --- | --- |
                """);
        CommandTree.root()
                .shortForms()
                .forEach((form, command) -> document.append("| `aegis ")
                        .append(form)
                        .append("` | `")
                        .append(command.path())
                        .append("` |\n"));
        document.append("""

                Options have Docker's letters: `-d`, `-e`, `-i`, `-l`, `-m`, `-p`, `-t`, `-u`, `-v`, `-w`. Other words of Docker's:

                | Docker | AegisVM |
                | --- | --- |
                | `create` | `aegis instance start`; it starts at once |
                | `attach` | `aegis logs --follow`, `aegis exec attach`, `aegis exec` or `aegis shell` |
                | `commit` | `aegis image save` |
                | `unpause` | `aegis instance resume` |
                | `build` | buildah or docker, and then `aegis image load`: [IMAGES.md](IMAGES.md#build-an-image) |
                """);
    }

    @Test
    void helpOfAVerbCanBeAskedForFirst() {
        assertThat(Call.of("help", "instance", "list").out())
                .isEqualTo(Call.of("instance", "list", "--help").out());
        assertThat(Call.of("help", "image").out())
                .isEqualTo(Call.of("image", "-h").out())
                .contains("  pull    pull an image");
        assertThat(Call.of("run", "-h", "--name").exitCode()).isEqualTo(2);
        assertThat(Call.of("help", "stop").out())
                .isEqualTo(Call.of("stop", "--help").out())
                .contains("Aliases: aegis stop");
        assertThat(Call.of("run", "-h").out()).isEqualTo(Call.of("help", "run").out());
    }

    @ParameterizedTest
    @ValueSource(strings = {"version", "--version", "-V"})
    void tellsItsVersion(String word) {
        String version = Build.version();
        assertThat(Call.of(word)).isEqualTo(new Call(0, "aegis " + version + "\n", ""));
        assertThat(Call.of(word, "--json")).isEqualTo(new Call(0, "{\"version\":\"" + version + "\"}\n", ""));
    }
}
