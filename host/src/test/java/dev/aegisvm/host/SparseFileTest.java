package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseFileTest {
    private static final int STAYING = 1 << 16;

    @TempDir
    Path directory;

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    @Test
    void whatIsThereCountsThoughOthersVanishMeanwhile() throws Exception {
        Path staying = Files.createDirectory(directory.resolve("staying"));
        Files.write(staying.resolve("file"), new byte[STAYING]);
        Path going = Files.createDirectory(directory.resolve("going"));
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 2000; i++) {
            files.add(Files.createFile(going.resolve("file-" + i)));
        }
        CompletableFuture<Void> gone = CompletableFuture.runAsync(() -> files.forEach(SparseFileTest::delete));
        do {
            assertThat(SparseFile.treeBytes(directory)).isGreaterThanOrEqualTo(STAYING);
        } while (!gone.isDone());
        gone.get();
        assertThat(going).isEmptyDirectory();
    }

    @Test
    void aFileOfTwoNamesCountsOnce() throws IOException {
        Path file = Files.write(directory.resolve("file"), new byte[STAYING]);
        Files.createLink(directory.resolve("other"), file);
        assertThat(SparseFile.treeBytes(directory)).isLessThan(2 * STAYING);
        assertThat(SparseFile.treeBytes(file)).isGreaterThanOrEqualTo(STAYING);
        assertThat(SparseFile.treeBytes(directory.resolve("none"))).isZero();
    }
}
