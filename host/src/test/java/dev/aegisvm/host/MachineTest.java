package dev.aegisvm.host;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        Files.createDirectories(root.resolve(path).getParent());
        Files.writeString(root.resolve(path), content);
    }

    @Test
    void thisHostSaysAllOfIt() {
        Machine here = new Machine();
        assertThat(here.bootId().orElseThrow()).matches("[0-9a-f-]{36}");
        assertThat(here.processor()).startsWith("model name");
        assertThat(here.availableMemoryMb().orElseThrow()).isPositive();
    }

    @Test
    void memoryIsCountedInMiB() throws IOException {
        Machine machine = new Machine(root);
        assertThat(machine.availableMemoryMb()).isEmpty();
        file("proc/meminfo", "MemTotal:       24683512 kB\nMemAvailable:    2097152 kB\nBuffers: 1 kB\n");
        assertThat(machine.availableMemoryMb()).hasValue(2048);
        file("proc/meminfo", "MemTotal:       24683512 kB\nMemAvailable:    lots\n");
        assertThat(machine.availableMemoryMb()).isEmpty();
    }

    @Test
    void aCgroupMayLeaveLessThanTheHostHas() throws IOException {
        Machine machine = new Machine(root);
        file("proc/meminfo", "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n");
        file("proc/self/cgroup", "4:memory:/other\n0::/outer/inner\n");
        assertThat(machine.memoryMb()).hasValue(8192);
        file("sys/fs/cgroup/outer/inner/memory.max", "max\n");
        assertThat(machine.availableMemoryMb()).hasValue(4096);
        file("sys/fs/cgroup/outer/memory.max", (2048L << 20) + "\n");
        file("sys/fs/cgroup/outer/memory.current", (1000L << 20) + "\n");
        assertThat(machine.memoryMb()).hasValue(2048);
        assertThat(machine.availableMemoryMb()).hasValue(1048);
        // What is kept of files can be had again.
        file(
                "sys/fs/cgroup/outer/memory.stat",
                "anon 1\ninactive_file %d\nactive_file %d\n".formatted(300 << 20, 200 << 20));
        assertThat(machine.availableMemoryMb()).hasValue(1548);
        // That of the container itself.
        file("proc/self/cgroup", "0::/\n");
        file("sys/fs/cgroup/memory.max", (512L << 20) + "\n");
        assertThat(machine.memoryMb()).hasValue(512);
    }

    @Test
    void gatewaysAreThoseOfItsRoutes() throws IOException {
        Machine machine = new Machine(root);
        assertThat(machine.gateways()).isEmpty();
        file("proc/net/route", "Iface\tDestination\tGateway\tFlags\neth0\t00000000\t010200C0\t0003\n");
        file(
                "proc/net/ipv6_route",
                "00000000000000000000000000000000 00 00000000000000000000000000000000 00"
                        + " fd000000000000000000000000000001 00000400 00000001 00000000 00000003 eth0\n");
        assertThat(machine.gateways())
                .containsExactly(InetAddress.ofLiteral("192.0.2.1"), InetAddress.ofLiteral("fd00::1"));
    }

    @Test
    void theHardLimitOfOpenFilesCounts() throws IOException {
        String line = "Limit                     Soft Limit           Hard Limit           Units\n"
                .concat("Max open files            1024                 %s                 files\n");
        Machine machine = new Machine(root);
        file("proc/self/limits", line.formatted("524288"));
        assertThat(machine.maxOpenFiles()).hasValue(524_288);
        file("proc/self/limits", line.formatted("unlimited"));
        assertThat(machine.maxOpenFiles()).isEmpty();
    }

    @Test
    void virtualizationIsMissedOnlyWhereAProcessorOfX86SaysWhatItHas() throws IOException {
        Machine machine = new Machine(root);
        assertThat(machine.lacksVirtualization()).isFalse();
        file("proc/cpuinfo", "processor\t: 0\nFeatures\t: fp asimd\n");
        assertThat(machine.lacksVirtualization()).isFalse();
        file("proc/cpuinfo", "flags\t\t: fpu vmx sse\nvmx flags\t: vnmi\n");
        assertThat(machine.lacksVirtualization()).isFalse();
        file("proc/cpuinfo", "flags\t\t: fpu sse svm\n");
        assertThat(machine.lacksVirtualization()).isFalse();
        file("proc/cpuinfo", "flags\t\t: fpu svm_lock sse\nvmx flags\t: vnmi\n");
        assertThat(machine.lacksVirtualization()).isTrue();
    }
}
