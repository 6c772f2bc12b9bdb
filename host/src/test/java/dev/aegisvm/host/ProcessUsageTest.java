package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import org.junit.jupiter.api.Test;

class ProcessUsageTest {
    private static final int MUCH = 50_000_000;

    private static ProcessIdentity.Usage usage(ProcessIdentity process) {
        return process.usage().orElseThrow();
    }

    private static String state(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                .filter(line -> line.startsWith("State:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void countsTheTimeOfAProcessAndLeavesAStoppedOneStopped() throws Exception {
        Process busy = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
        try {
            ProcessIdentity identity = ProcessIdentity.of(busy.pid());
            await().until(() -> usage(identity).cpu().toMillis() >= 50);
            assertThat(identity.kill(Posix.SIGSTOP)).isTrue();
            await().until(() -> state(busy.pid()).contains("T (stopped)"));
            Duration stopped = usage(identity).cpu();
            for (int look = 0; look < 100; look++) {
                assertThat(usage(identity).cpu()).isEqualTo(stopped);
            }
            assertThat(state(busy.pid())).contains("T (stopped)");
        } finally {
            busy.destroyForcibly().waitFor();
        }
    }

    @Test
    void tellsMemoryOfItsOwnFromThatOfFiles() throws Exception {
        Process tail = new ProcessBuilder("tail", "-c", Integer.toString(MUCH)).start();
        try {
            ProcessIdentity identity = ProcessIdentity.of(tail.pid());
            await().until(() -> usage(identity).sharedBytes() > 0);
            long before = usage(identity).uniqueBytes();
            tail.getOutputStream().write(new byte[MUCH]);
            tail.getOutputStream().flush();
            await().until(() -> usage(identity).uniqueBytes() - before > MUCH * 9L / 10);
            assertThat(usage(identity).uniqueBytes() - before).isLessThan(MUCH * 2L);
            assertThat(usage(identity).sharedBytes()).isLessThan(MUCH / 2);
        } finally {
            tail.destroyForcibly().waitFor();
        }
    }

    @Test
    void knowsNothingOfAnotherProcessWithTheSamePid() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "60").start();
        ProcessIdentity identity = ProcessIdentity.of(sleep.pid());
        assertThat(new ProcessIdentity(identity.pid(), identity.startTicks() - 1, identity.bootId()).usage())
                .isEmpty();
        sleep.destroyForcibly().waitFor();
        assertThat(identity.usage()).isEmpty();
    }
}
