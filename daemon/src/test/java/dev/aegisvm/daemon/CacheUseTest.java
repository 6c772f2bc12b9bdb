package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.daemon.home.Home;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the start of a daemon removes of a cache. */
class CacheUseTest {
    private static final String OLD = "initramfs-0123456789abcdef.cpio";
    private static final String OLD_KERNEL = "kernel-0123456789abcdef";
    private static final String YOUNG = "base-fedcba9876543210.erofs";
    private static final String CURRENT = "base-0123456789abcdef.erofs";

    @TempDir
    Path cache;

    private Path named;

    @BeforeEach
    void prepareTwice() throws IOException {
        named = Files.writeString(cache.resolve("guest.properties"), "base=" + cache.resolve(CURRENT) + "\n");
        for (String name : List.of(OLD, YOUNG, CURRENT, "something.else", OLD_KERNEL + "/vmlinux")) {
            Path file = cache.resolve(name);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
        FileTime lastWeek = FileTime.from(Instant.now().minus(Duration.ofDays(7)));
        for (String name : List.of(OLD, CURRENT, "something.else", OLD_KERNEL)) {
            Files.setLastModifiedTime(cache.resolve(name), lastWeek);
        }
    }

    private Home home() {
        return new Home(cache, cache, cache, cache);
    }

    private Set<String> left() throws IOException {
        try (Stream<Path> files = Files.list(cache)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void anOldGuestGoes() throws IOException {
        CacheUse.begin(home()).close();
        assertThat(left()).contains(CURRENT, YOUNG, "something.else").doesNotContain(OLD, OLD_KERNEL);
    }

    /** Which guest that one was started with, nobody knows. */
    @Test
    void notWhileAnotherDaemonUsesTheCache() throws Exception {
        String lock = cache.resolve(".in-use").toString();
        Process another = new ProcessBuilder("python3", "-c", """
                        import fcntl, sys
                        lock = open(sys.argv[1], "a+")
                        fcntl.lockf(lock, fcntl.LOCK_SH)
                        print("locked", flush=True)
                        sys.stdin.read()""", lock).start();
        try (BufferedReader said = another.inputReader()) {
            assertThat(said.readLine()).isEqualTo("locked");
            CacheUse.begin(home()).close();
            assertThat(left()).contains(OLD, OLD_KERNEL);
        } finally {
            another.destroy();
        }
    }

    @Test
    void withoutAGuestNothingIsOld() throws IOException {
        Files.delete(named);
        CacheUse.begin(home()).close();
        assertThat(left()).contains(OLD, OLD_KERNEL);
    }
}
