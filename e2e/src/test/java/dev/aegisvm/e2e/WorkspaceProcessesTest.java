package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Processes of a guest with two processors that have one file of a workspace open. Debian's kernel loses some of it. */
@Tag("vm")
@Tag("check-all")
@NotInOuterVm("shares, as in VolumeTest")
class WorkspaceProcessesTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    @TempDir
    Path directory;

    private String inTwoProcessors(String... command) {
        var words = new ArrayList<>(List.of("run", "--cpus", "2", "--workspace", directory.toString(), "--"));
        words.addAll(List.of(command));
        return HOME.aegis(words.toArray(String[]::new)).ok().stdout();
    }

    @Test
    void theySeeOneFileAndNothingOfItIsLost() throws IOException {
        assertThat(inTwoProcessors("grep", " /workspace ", "/proc/mounts"))
                .as("the workspace of our own kernel: make kernel")
                .contains("revalidate=");
        try (InputStream script = WorkspaceProcessesTest.class.getResourceAsStream("/workspace-processes.py")) {
            Files.copy(Objects.requireNonNull(script), directory.resolve("processes.py"));
        }
        assertThat(inTwoProcessors("python3", "processes.py"))
                .isEqualTo("done appended\ndone counted\ndone made\ndone written_in_part\n");
        assertThat(Files.readAllLines(directory.resolve("appended")))
                .containsExactlyInAnyOrderElementsOf(Stream.of("a", "b")
                        .flatMap(who -> IntStream.range(0, 1000).mapToObj(i -> "%s%06d".formatted(who, i)))
                        .toList());
    }
}
