package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpareWatchTest {
    private static final String WAITS =
            "2026-11-25T09:00:00.000Z INFO spare: a machine of 512 MB, 1 vCPU waits, made in 901 ms\n";
    private static final String NONE =
            "2026-11-25T09:00:00.000Z INFO spare: none for 512 MB, 1 vCPU, since the host is short of memory\n";

    @TempDir
    Path directory;

    @Test
    void onlyMachinesThatWaitCount() {
        assertThat(SpareWatch.made(NONE + WAITS + NONE + WAITS)).isEqualTo(2);
        assertThat(SpareWatch.made("")).isZero();
    }

    @Test
    @Timeout(30)
    void eachMachineIsWaitedForOnce() throws Exception {
        Path log = Files.writeString(directory.resolve("aegisd.log"), WAITS);
        try (SpareWatch watch = new SpareWatch(log)) {
            watch.awaitNext();
            CompletableFuture<Void> second = CompletableFuture.runAsync(() -> await(watch));
            Files.writeString(log, NONE, StandardOpenOption.APPEND);
            assertThat(second).isNotDone();
            Files.writeString(log, WAITS, StandardOpenOption.APPEND);
            second.get(20, TimeUnit.SECONDS);
        }
    }

    private static void await(SpareWatch watch) {
        try {
            watch.awaitNext();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
