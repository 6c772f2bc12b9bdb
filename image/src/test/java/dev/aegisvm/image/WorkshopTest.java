package dev.aegisvm.image;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkshopTest {
    @TempDir
    Path directory;

    /** As the kernel sees it, which is what other processes go by (proc_locks(5)). */
    private boolean isLocked(String name) throws IOException {
        String inode = Files.getAttribute(directory.resolve("locks").resolve(name), "unix:ino")
                .toString();
        String held = ".*POSIX +ADVISORY +WRITE +" + ProcessHandle.current().pid() + " +\\w+:\\w+:" + inode + " .*";
        return Files.readAllLines(Path.of("/proc/locks")).stream().anyMatch(line -> line.matches(held));
    }

    @Test
    void aCleaningLeavesABenchOfOursAndItsLock() throws Exception {
        Workshop workshop = new Workshop(directory);
        try (Workshop.Bench bench = workshop.take("an-image")) {
            workshop.clean();
            assertThat(bench.blobs()).isDirectory();
            assertThat(isLocked("an-image")).isTrue();
        }
        assertThat(isLocked("an-image")).isFalse();
        Files.createDirectories(directory.resolve("making/an-image/left"));
        workshop.clean();
        assertThat(directory.resolve("making/an-image")).doesNotExist();
    }
}
