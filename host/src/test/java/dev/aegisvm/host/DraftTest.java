package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DraftTest {
    @TempDir
    Path directory;

    private List<String> names() throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aSymlinkIsReplacedAndNotFollowed() throws IOException {
        Path victim = Files.writeString(directory.resolve("victim"), "as it was");
        Path place = Files.createSymbolicLink(directory.resolve("place"), victim);
        Draft.write(place, out -> out.write("new".getBytes(StandardCharsets.UTF_8)));
        assertThat(victim).hasContent("as it was");
        assertThat(place).hasContent("new").isRegularFile();
        assertThat(Files.isSymbolicLink(place)).isFalse();
        assertThat(names()).containsExactly("place", "victim");
    }

    @Test
    void whatCannotBeWrittenWholeLeavesTheOldFileAndNothingElse() throws IOException {
        Path place = Files.writeString(directory.resolve("place"), "old");
        assertThatThrownBy(() -> Draft.write(place, out -> {
                    out.write(1);
                    out.close();
                    throw new IOException("it broke off");
                }))
                .hasMessage("it broke off");
        assertThat(place).hasContent("old");
        assertThat(names()).containsExactly("place");
    }

    @Test
    void whatIsHeldStaysAndWhatAKilledProcessLeftGoes() throws IOException {
        Files.writeString(Draft.fresh(directory), "left");
        try (Draft draft = Draft.create(directory)) {
            draft.out().write(1);
            assertThat(names()).hasSize(2);
            Process other = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            Collector.class.getName(),
                            directory.toString())
                    .inheritIO()
                    .start();
            assertThat(other.onExit().join().exitValue()).isZero();
            assertThat(names()).hasSize(1);
            draft.place(directory.resolve("whole"));
        }
        assertThat(names()).containsExactly("whole");
    }

    /** Another process. */
    static final class Collector {
        private Collector() {}

        public static void main(String[] arguments) {
            Draft.collect(Path.of(arguments[0]));
        }
    }
}
