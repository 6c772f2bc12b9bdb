package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands in {@code console} blocks of the documentation: they do what the pages say. */
@Tag("vm")
@NotInOuterVm("the words of documents")
class DocumentedCommandsTest {
    private static final Path DOCS = Path.of("../docs");

    @RegisterExtension
    final HomeFixture home = HomeFixture.create().withDaemon();

    @TempDir
    Path directory;

    /** A command, and the lines that it prints; {@code …} in one stands for anything. */
    private record Step(String command, List<String> prints) {
        static List<Step> of(Path page) throws IOException {
            List<Step> steps = new ArrayList<>();
            boolean console = false;
            for (String line : Files.readAllLines(page)) {
                if (line.startsWith("```")) {
                    console = line.equals("```console");
                } else if (console && line.startsWith("$ ")) {
                    steps.add(new Step(line.substring(2), new ArrayList<>()));
                } else if (console) {
                    steps.getLast().prints().add(line);
                }
            }
            return steps;
        }

        Pattern pattern() {
            StringBuilder pattern = new StringBuilder();
            for (String line : prints) {
                List<String> parts = new ArrayList<>();
                for (String part : line.split("…", -1)) {
                    parts.add(Pattern.quote(part));
                }
                pattern.append(String.join(".*", parts)).append("\n");
            }
            return Pattern.compile(pattern.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"QUICKSTART.md", "AGENT_CONVENTIONS.md", "API.md", "DEMO.md", "QUESTIONS.md"})
    void eachPrintsWhatThePageShows(String page) throws IOException {
        List<Step> steps = Step.of(DOCS.resolve(page));
        assertThat(steps).isNotEmpty();
        for (Step step : steps) {
            HomeFixture.Result result = home.line(step.command(), directory).await();
            assertThat(result.exitCode())
                    .as("%s: %s", step.command(), result.stdout())
                    .isZero();
            // A page cannot show that the last line has no newline.
            String printed = result.stdout().replaceFirst("([^\n])\\z", "$1\n");
            assertThat(printed).as(step.command()).matches(step.pattern());
        }
    }

    /** With buildah, which keeps what it builds in a place of the test's. */
    @Test
    @Tag("check-all")
    void theRecipeForAnImageWorks() throws IOException {
        Path storage = Files.writeString(directory.resolve("storage.conf"), """
                [storage]
                driver = "vfs"
                graphroot = "%1$s/graph"
                rootless_storage_path = "%1$s/graph"
                runroot = "%1$s/run"
                """.formatted(directory));
        home.with("CONTAINERS_STORAGE_CONF", storage.toString());
        eachPrintsWhatThePageShows("IMAGES.md");
    }
}
