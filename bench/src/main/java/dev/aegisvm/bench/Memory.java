package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView.MemoryView;

/** What a daemon and VMs cost that have nothing to do, by the memory of the guest. */
final class Memory {
    static final List<Integer> SIZES = List.of(256, 512, 1024, 2048);
    /** What a VM has by default. */
    static final int USUAL_MB = 512;
    /** Ten looks in five seconds; a process is idle that uses at most 1 % of a CPU. */
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), 10, Duration.ofMinutes(1));

    private static final double IDLE_MILLIS = 50;

    private Memory() {}

    static void idle(Sandbox sandbox, Turns turns) throws IOException {
        long daemon = sandbox.daemon();
        turns.keep("memory.daemon", ProcFile.residentMb(daemon));
        Map<Integer, Instance> instances = new LinkedHashMap<>();
        for (int size : SIZES) {
            sandbox.awaitTemplate(Sandbox.ECHO.withMemoryMb(size));
            instances.put(size, sandbox.start(Sandbox.IDLE.withMemoryMb(size)));
        }
        Set<Long> processes = ProcFile.vmsOf(daemon);
        processes.add(daemon);
        QUIET.await(IDLE_MILLIS * processes.size(), () -> ProcFile.cpuMillis(processes));
        turns.keep("memory.daemon.vms", ProcFile.residentMb(daemon));
        for (Map.Entry<Integer, Instance> each : instances.entrySet()) {
            try (Instance one = each.getValue()) {
                vm(one, turns, each.getKey());
            }
        }
    }

    private static void vm(Instance one, Turns turns, int size) throws IOException {
        String name = "memory.vm." + size;
        MemoryView idle = one.memory();
        turns.keep(name, idle.unique() / 1e6);
        turns.keep(name + ".shared", idle.shared() / 1e6);
        one.call(Routes.PAUSE);
        turns.keep(name + ".paused", one.memory().unique() / 1e6);
        try (PlainQemu.Guest guest = PlainQemu.saved(one.sandbox(), size).restored()) {
            guest.send("\n");
            turns.keep(name + ".qemu", ProcFile.uniqueMb(guest.process().pid()));
        }
        Optional<Runsc> runsc = size == USUAL_MB ? Runsc.find(one.sandbox()) : Optional.empty();
        if (runsc.isPresent()) {
            runsc.get()
                    .whileOneSleeps(
                            () -> turns.keep(name + ".runsc", runsc.get().uniqueMb()));
        }
    }
}
