package dev.aegisvm.daemon.home;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PackageHostsTest {
    @Test
    void aptOfThisHostSaysWhomItAsks() {
        assertThat(PackageHosts.of("@debian")).isNotEmpty().allMatch(host -> host.matches("[A-Za-z0-9.-]+"));
    }

    @Test
    void whoHasNoSuchProgramKnowsNone() {
        assertThat(PackageHosts.of("@maven")).isEmpty();
        assertThat(PackageHosts.of("@office")).isEmpty();
    }
}
