package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class ProcFileTest {
    @Test
    void readsCpuTimeBehindANameWithBlanksAndParentheses() {
        assertThat(ProcFile.cpuTicks("42 (a (b) c) S 1 2 3 4 5 6 7 8 9 10 120 34 0 0 20 0"))
                .isEqualTo(154);
    }

    @Test
    void readsOnlyLinesInKilobytes() {
        assertThat(ProcFile.megabytes("Name:\tx\nVmRSS:\t  125000 kB\nThreads:\t3\nPrivate_Clean:       0 kB\n"))
                .isEqualTo(Map.of("VmRSS", 128.0, "Private_Clean", 0.0));
    }

    @Test
    void knowsThisProcess() throws IOException {
        long self = ProcessHandle.current().pid();

        assertThat(ProcFile.cpuTicks(self)).isPositive();
        assertThat(ProcFile.residentMb(self)).isGreaterThan(10);
        ProcFile.forgetHighest(self);
        assertThat(ProcFile.highestMb(self)).isGreaterThan(10);
        assertThat(ProcFile.uniqueMb(self)).isGreaterThan(10);
    }
}
