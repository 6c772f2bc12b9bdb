package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.client.DaemonClient;

/** What a daemon and VMs cost that have nothing to do, by the memory of the guest. */
final class Memory {
    static final List<Integer> SIZES = List.of(256, 512, 1024, 2048);
    /** Ten looks in five seconds; a process is idle that uses at most 1 % of a CPU, which is five ticks. */
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), 10, Duration.ofMinutes(1));

    private static final double IDLE_TICKS = 5;

    private Memory() {}

    static void idle(Sandbox sandbox, Turns turns) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            long daemon = client.call(Routes.STATUS).pid();
            Metric own = turns.metric("memory.daemon", "resident memory of the idle daemon, without a VM", "MB");
            own.add(ProcFile.residentMb(daemon));
            Map<Integer, String> ids = new LinkedHashMap<>();
            for (int size : SIZES) {
                sandbox.awaitTemplate(Sandbox.ECHO.withMemoryMb(size));
                ids.put(size, sandbox.start(client, Sandbox.IDLE.withMemoryMb(size)));
            }
            Set<Long> vms = ProcFile.vmsOf(daemon);
            QUIET.await(IDLE_TICKS * (1 + vms.size()), () -> ProcFile.cpuTicks(daemon) + ProcFile.cpuTicks(vms));
            turns.value("memory.daemon.vms", "  with " + ids.size() + " idle VMs", "MB", ProcFile.residentMb(daemon))
                    .atMost(200);
            for (Map.Entry<Integer, String> each : ids.entrySet()) {
                vm(sandbox, client, turns, each);
                client.call(Routes.DELETE, each.getValue());
            }
        }
    }

    private static void vm(Sandbox sandbox, DaemonClient client, Turns turns, Map.Entry<Integer, String> one)
            throws IOException {
        int size = one.getKey();
        String id = one.getValue();
        String name = "memory.vm." + size;
        String title = "unique memory of an idle VM of " + size + " MB";
        MemoryView idle = memory(client, id);
        Metric unique =
                turns.value(name, title, "MB", idle.unique() / 1e6).at(Plot.MEMORY_SIZE, "a VM of aegisd", size);
        client.call(Routes.PAUSE, id);
        Metric paused = turns.value(
                name + ".paused", "  paused", "MB", memory(client, id).unique() / 1e6);
        turns.value(name + ".shared", "  what it shares with others", "MB", idle.shared() / 1e6);
        try (PlainQemu.Guest guest = PlainQemu.saved(sandbox, size).restore()) {
            guest.sayHi();
            turns.value(
                            name + ".qemu",
                            "  QEMU without us, restored",
                            "MB",
                            ProcFile.uniqueMb(guest.process().pid()))
                    .at(Plot.MEMORY_SIZE, "QEMU, restored", size);
        }
        if (size == Programs.MEMORY_MB) {
            paused.atMost(30);
            Optional<Runsc> runsc = Runsc.find(sandbox, unique);
            if (runsc.isPresent()) {
                runsc.get()
                        .whileOneSleeps(() -> turns.value(
                                name + ".runsc",
                                "  gVisor: `runsc run` of `sleep`",
                                "MB",
                                runsc.get().uniqueMb()));
            }
        }
    }

    private static MemoryView memory(DaemonClient client, String id) throws IOException {
        return Objects.requireNonNull(client.call(Routes.STATS, id).memory(), id);
    }
}
