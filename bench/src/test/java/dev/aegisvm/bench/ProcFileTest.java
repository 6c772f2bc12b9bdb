package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class ProcFileTest {
    @Test
    void knowsThisProcess() throws IOException {
        long self = ProcessHandle.current().pid();

        assertThat(ProcFile.cpuMillis(Set.of(self))).isPositive();
        assertThat(ProcFile.residentMb(self)).isGreaterThan(10);
        ProcFile.forgetHighest(self);
        assertThat(ProcFile.highestMb(self)).isGreaterThan(10);
        assertThat(ProcFile.uniqueMb(self)).isGreaterThan(10);
    }
}
