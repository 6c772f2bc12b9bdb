package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.host.*;

/** What a daemon and VMs use, as Linux tells it, and what those cost that have nothing to do. Memory is in MB. */
final class Usage {
    /** Ten looks in five seconds; a process is idle that uses at most 1 % of a CPU. */
    private static final Turns.Quiet QUIET = new Turns.Quiet(Duration.ofMillis(500), 10, Duration.ofMinutes(1));

    private static final double IDLE_MILLIS = 50;

    private Usage() {}

    static void idle(Sandbox sandbox, Turns turns) throws IOException {
        long daemon = sandbox.daemon();
        turns.keep("memory.daemon", residentMb(daemon));
        Map<Integer, Instance> instances = new LinkedHashMap<>();
        for (int size : Sandbox.SIZES_MB) {
            sandbox.awaitTemplate(Sandbox.ECHO.withMemoryMb(size));
            instances.put(size, sandbox.start(Sandbox.IDLE.withMemoryMb(size)));
        }
        Set<Long> processes = vmsOf(daemon);
        processes.add(daemon);
        QUIET.await(IDLE_MILLIS * processes.size(), () -> cpuMillis(processes));
        turns.keep("memory.daemon.vms", residentMb(daemon));
        for (Map.Entry<Integer, Instance> each : instances.entrySet()) {
            try (Instance one = each.getValue()) {
                idle(one, turns, each.getKey());
            }
        }
    }

    private static void idle(Instance one, Turns turns, int size) throws IOException {
        String name = "memory.vm." + size;
        MemoryView idle = one.memory();
        turns.keep(name, idle.unique() / 1e6);
        turns.keep(name + ".shared", idle.shared() / 1e6);
        one.call(Routes.PAUSE);
        turns.keep(name + ".paused", one.memory().unique() / 1e6);
        try (PlainQemu.Guest guest = PlainQemu.saved(one.sandbox(), size).restored()) {
            guest.send("\n");
            turns.keep(name + ".qemu", uniqueMb(guest.process().pid()));
        }
        Runsc runsc = size == Sandbox.USUAL_MB ? Runsc.find(one.sandbox()).orElse(null) : null;
        if (runsc != null) {
            runsc.whileOneSleeps(() -> turns.keep(name + ".runsc", runsc.uniqueMb()));
        }
    }

    private static ProcessIdentity.Usage of(long pid) throws IOException {
        return ProcessIdentity.of(pid).usage().orElseThrow(() -> new IOException("process " + pid + " has ended"));
    }

    /** CPU time that processes have used so far, user and system, in milliseconds. */
    static double cpuMillis(Collection<Long> pids) throws IOException {
        double millis = 0;
        for (long pid : pids) {
            millis += of(pid).cpu().toMillis();
        }
        return millis;
    }

    static double residentMb(long pid) throws IOException {
        ProcessIdentity.Usage usage = of(pid);
        return (usage.uniqueBytes() + usage.sharedBytes()) / 1e6;
    }

    /** What a process shares with no other: its anonymous pages. */
    static double uniqueMb(long pid) throws IOException {
        return of(pid).uniqueBytes() / 1e6;
    }

    /** The most memory that it ever had, or had since {@link #forgetHighest}. */
    static double highestMb(long pid) throws IOException {
        String kb = Sandbox.found("VmHWM:\\s+(\\d+) kB", Path.of("/proc/" + pid + "/status"));
        return Double.parseDouble(kb) * 1024 / 1e6;
    }

    static void forgetHighest(long pid) throws IOException {
        Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
    }

    /** How many descriptors or threads it has, which is {@code fd} or {@code task}. */
    static long entries(long pid, String name) throws IOException {
        return PrivateDirectory.list(Path.of("/proc/" + pid + "/" + name)).size();
    }

    /** The VMs of a daemon, whose launchers are its children. */
    static Set<Long> vmsOf(long daemon) {
        return ProcessHandle.of(daemon)
                .orElseThrow()
                .descendants()
                .filter(child -> child.info().command().orElse("").contains("qemu-system"))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }
}
