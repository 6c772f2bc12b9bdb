package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView.MemoryView;

/** What a daemon and VMs cost that have nothing to do, by the memory of the guest. */
final class Memory {
    static final List<Integer> SIZES = List.of(256, 512, 1024, 2048);
    /** Ten looks in five seconds; a process is idle that uses at most 1 % of a CPU. */
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), 10, Duration.ofMinutes(1));

    private static final double IDLE_MILLIS = 50;

    private Memory() {}

    static void idle(Sandbox sandbox, Turns turns) throws IOException {
        long daemon = sandbox.daemon();
        String title = "resident memory of the idle daemon, without a VM";
        turns.value("memory.daemon", title, "MB", ProcFile.residentMb(daemon));
        Map<Integer, Instance> instances = new LinkedHashMap<>();
        for (int size : SIZES) {
            sandbox.awaitTemplate(Sandbox.ECHO.withMemoryMb(size));
            instances.put(size, sandbox.start(Sandbox.IDLE.withMemoryMb(size)));
        }
        Set<Long> processes = ProcFile.vmsOf(daemon);
        processes.add(daemon);
        QUIET.await(IDLE_MILLIS * processes.size(), () -> ProcFile.cpuMillis(processes));
        String withVms = "  with " + instances.size() + " idle VMs";
        turns.value("memory.daemon.vms", withVms, "MB", ProcFile.residentMb(daemon))
                .atMost(200);
        for (int size : SIZES) {
            try (Instance one = Objects.requireNonNull(instances.get(size))) {
                vm(one, turns, size);
            }
        }
    }

    private static void vm(Instance one, Turns turns, int size) throws IOException {
        String name = "memory.vm." + size;
        MemoryView idle = memory(one);
        turns.value(name, "unique memory of an idle VM of " + size + " MB", "MB", idle.unique() / 1e6)
                .at(Plot.MEMORY_SIZE, "a VM of aegisd", size);
        one.call(Routes.PAUSE);
        Metric paused =
                turns.value(name + ".paused", "  paused", "MB", memory(one).unique() / 1e6);
        turns.value(name + ".shared", "  what it shares with others", "MB", idle.shared() / 1e6);
        try (PlainQemu.Guest guest = PlainQemu.saved(one.sandbox(), size).restored()) {
            guest.sayHi();
            double qemu = ProcFile.uniqueMb(guest.process().pid());
            turns.value(name + ".qemu", "  QEMU without us, restored", "MB", qemu)
                    .at(Plot.MEMORY_SIZE, "QEMU, restored", size);
        }
        if (size == Programs.MEMORY_MB) {
            paused.atMost(30);
            Optional<Runsc> runsc = Runsc.find(one.sandbox());
            if (runsc.isPresent()) {
                String title = "  gVisor: `runsc run` of `sleep`";
                runsc.get()
                        .whileOneSleeps(() -> turns.value(
                                name + ".runsc", title, "MB", runsc.get().uniqueMb()));
            }
        }
    }

    private static MemoryView memory(Instance one) throws IOException {
        return Objects.requireNonNull(one.call(Routes.STATS).memory(), one.id());
    }
}
