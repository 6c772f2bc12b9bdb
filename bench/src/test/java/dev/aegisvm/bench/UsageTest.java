package dev.aegisvm.bench;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;

class UsageTest {
    @Test
    void knowsThisProcess() throws IOException {
        long self = ProcessHandle.current().pid();

        assertThat(Usage.cpuMillis(Set.of(self))).isPositive();
        assertThat(Usage.residentMb(self)).isGreaterThan(10);
        Usage.forgetHighest(self);
        assertThat(Usage.highestMb(self)).isGreaterThan(10);
        assertThat(Usage.uniqueMb(self)).isGreaterThan(10);
    }
}
