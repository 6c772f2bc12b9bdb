package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The memory of an idle daemon and of idle VMs that came from the template. */
final class Memory implements Measure {
    private static final int VMS = 5;
    private static final double DAEMON_WISH_MB = 200;
    private static final double VM_WISH_MB = 60;
    static final double MB_PER_KB = 1.024 / 1000;
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), Duration.ofMinutes(1));

    @Override
    public String title() {
        return "memory of an idle daemon and idle VMs";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        List<String> ids = new ArrayList<>();
        try (DaemonClient client = sandbox.client()) {
            try {
                return read(sandbox, client, ids).rows();
            } finally {
                for (String id : ids) {
                    client.delete(id);
                }
            }
        }
    }

    /** Starts VMs and looks at them: at the first while it is alone, and at all of them together. */
    private static Readings read(Sandbox sandbox, DaemonClient client, List<String> ids) throws IOException {
        Readings readings = new Readings();
        long daemon = client.status().pid();
        ids.add(sandbox.startAndAwaitOutput(client, Sandbox.IDLE));
        long first = quietVms(daemon).iterator().next();
        readings.lone.add(unique(ProcFile.mappings(first)));
        while (ids.size() < VMS) {
            ids.add(sandbox.startAndAwaitOutput(client, Sandbox.IDLE));
        }
        for (long vm : quietVms(daemon)) {
            readings.vm(ProcFile.mappings(vm));
        }
        readings.daemon.add(ProcFile.residentMb(daemon));
        return readings;
    }

    /** The VMs, once they and the daemon do nothing. */
    private static Set<Long> quietVms(long daemon) throws IOException {
        Set<Long> vms = vmsOf(daemon);
        QUIET.await(1 + vms.size(), () -> ticks(daemon, vms));
        return vms;
    }

    /** The VMs are the daemon's children. */
    static Set<Long> vmsOf(long daemon) throws IOException {
        Set<Long> vms = new LinkedHashSet<>();
        List<Long> children = ProcessHandle.of(daemon)
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .toList();
        for (long child : children) {
            if (ProcFile.name(child).startsWith("qemu-system")) {
                vms.add(child);
            }
        }
        if (vms.isEmpty()) {
            throw new IOException("the daemon " + daemon + " has no VM among its children " + children);
        }
        return vms;
    }

    private static long ticks(long daemon, Set<Long> vms) throws IOException {
        long ticks = ProcFile.cpuTicks(daemon);
        for (long vm : vms) {
            ticks += ProcFile.cpuTicks(vm);
        }
        return ticks;
    }

    static double unique(Map<String, Long> mappings) {
        return (mappings.getOrDefault("Private_Clean", 0L) + mappings.getOrDefault("Private_Dirty", 0L)) * MB_PER_KB;
    }

    /** Values in MB. */
    private static final class Readings {
        private final List<Double> daemon = new ArrayList<>();
        private final List<Double> lone = new ArrayList<>();
        private final List<Double> unique = new ArrayList<>();
        private final List<Double> proportional = new ArrayList<>();
        private final List<Double> resident = new ArrayList<>();

        void vm(Map<String, Long> mappings) {
            unique.add(Memory.unique(mappings));
            proportional.add(mappings.getOrDefault("Pss", 0L) * MB_PER_KB);
            resident.add(mappings.getOrDefault("Rss", 0L) * MB_PER_KB);
        }

        List<Row> rows() {
            return List.of(
                    Row.of(
                                    "memory.daemon",
                                    "resident memory of the idle daemon, with " + VMS + " idle VMs",
                                    "MB",
                                    daemon)
                            .atMost(DAEMON_WISH_MB),
                    Row.of("memory.vm", "unique memory of an idle restored 512 MB VM, one of " + VMS, "MB", unique)
                            .atMost(VM_WISH_MB),
                    Row.of(
                            "memory.vm.alone",
                            "  when it is the only one (what others would share counts as its own)",
                            "MB",
                            lone),
                    Row.of("memory.vm.pss", "  proportional (Pss)", "MB", proportional),
                    Row.of("memory.vm.rss", "  resident", "MB", resident));
        }
    }
}
