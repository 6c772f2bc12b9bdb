package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CappedLogTest {
    private static final int LIMIT = 10_000;

    @TempDir
    Path directory;

    private Path log;
    private Path older;

    @BeforeEach
    void place() {
        log = directory.resolve("aegisd.log");
        older = directory.resolve("aegisd.log.1");
    }

    private PrintStream open() throws IOException {
        // As the one who starts the daemon opens it.
        OutputStream appending = Files.newOutputStream(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        return new PrintStream(new StderrLog.CappedLog(appending, log, LIMIT), true, StandardCharsets.UTF_8);
    }

    @Test
    void aFloodLeavesTwoFilesOfTheLimitAndTheEndIsKept() throws IOException {
        try (PrintStream stderr = open()) {
            for (int i = 0; i < 10_000; i++) {
                stderr.print("line " + i + "\n");
                assertThat(Files.size(log)).isLessThanOrEqualTo(LIMIT);
            }
        }
        assertThat(Files.size(older)).isBetween(LIMIT - 20L, (long) LIMIT);
        String kept = Files.readString(older) + Files.readString(log);
        assertThat(kept).endsWith("line 9998\nline 9999\n");
        int first = Integer.parseInt(kept.substring("line ".length(), kept.indexOf('\n')));
        assertThat(kept.lines().count()).as("without a gap").isEqualTo(10_000 - first);
    }

    @Test
    void whatAnEarlierDaemonWroteCounts() throws IOException {
        Files.writeString(log, "x".repeat(LIMIT - 1));
        try (PrintStream stderr = open()) {
            stderr.print("one more\n");
        }
        assertThat(log).hasContent("one more");
        assertThat(Files.size(older)).isEqualTo(LIMIT - 1);
    }

    @Test
    void whereTheOlderFileCannotBeTheLogIsBoundedAllTheSame() throws IOException {
        Files.createDirectories(older.resolve("in-the-way"));
        try (PrintStream stderr = open()) {
            stderr.print("x".repeat(LIMIT - 1));
            stderr.print("one more\n");
        }
        assertThat(Files.size(log)).isLessThanOrEqualTo(LIMIT);
    }
}
