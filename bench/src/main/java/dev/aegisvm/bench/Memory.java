package dev.aegisvm.bench;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a daemon and VMs cost that have nothing to do: memory, and CPU time. */
final class Memory {
    private static final int IDLE_VMS = 5;
    private static final int SLEEPERS = 50;
    private static final double TICKS_PER_SECOND = 100;
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), Duration.ofMinutes(1));

    private Memory() {}

    /** Starts instances and works with them; deletes them afterwards. */
    private interface Work {
        List<Row> with(DaemonClient client, List<String> ids) throws IOException;
    }

    private static List<Row> withMany(Sandbox sandbox, Work work) throws IOException {
        List<String> ids = new ArrayList<>();
        try (DaemonClient client = sandbox.client()) {
            try {
                return work.with(client, ids);
            } finally {
                for (String id : ids) {
                    client.call(Routes.DELETE, id);
                }
            }
        }
    }

    /** Looks at the first VM while it is alone, and at all of them together. */
    static List<Row> idle(Sandbox sandbox, int runs) throws IOException {
        return withMany(sandbox, (client, ids) -> {
            CreateInstance create = CreateInstance.of(Sandbox.IDLE);
            long daemon = client.call(Routes.STATUS).pid();
            ids.add(sandbox.startAndAwaitOutput(client, create));
            double alone = unique(ProcFile.mappings(quietVms(daemon).iterator().next()));
            while (ids.size() < IDLE_VMS) {
                ids.add(sandbox.startAndAwaitOutput(client, create));
            }
            Mappings all = Mappings.of(quietVms(daemon));
            return List.of(
                    Row.of(
                                    "memory.daemon",
                                    "resident memory of the idle daemon, with " + IDLE_VMS + " idle VMs",
                                    "MB",
                                    List.of(ProcFile.residentMb(daemon)))
                            .atMost(200),
                    Row.of(
                                    "memory.vm",
                                    "unique memory of an idle restored 512 MB VM, one of " + IDLE_VMS,
                                    "MB",
                                    all.unique())
                            .atMost(60),
                    Row.of(
                            "memory.vm.alone",
                            "  when it is the only one (what others would share counts as its own)",
                            "MB",
                            List.of(alone)),
                    Row.of("memory.vm.pss", "  proportional (Pss)", "MB", all.proportional()),
                    Row.of("memory.vm.rss", "  resident", "MB", all.resident()));
        });
    }

    /** The VMs, once they and the daemon do nothing. */
    private static Set<Long> quietVms(long daemon) throws IOException {
        Set<Long> vms = ProcFile.vmsOf(daemon);
        QUIET.await(1 + vms.size(), () -> ProcFile.cpuTicks(daemon) + ticks(vms));
        return vms;
    }

    private static long ticks(Collection<Long> processes) throws IOException {
        long ticks = 0;
        for (long process : processes) {
            ticks += ProcFile.cpuTicks(process);
        }
        return ticks;
    }

    private static double unique(Map<String, Long> mappings) {
        return megabytes(mappings, "Private_Clean") + megabytes(mappings, "Private_Dirty");
    }

    private static double megabytes(Map<String, Long> mappings, String line) {
        return mappings.getOrDefault(line, 0L) * 1.024 / 1000;
    }

    /** What processes have for themselves, of what they share, and in all; in MB. */
    private record Mappings(List<Double> unique, List<Double> proportional, List<Double> resident) {
        static Mappings of(Set<Long> processes) throws IOException {
            Mappings all = new Mappings(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
            for (long process : processes) {
                Map<String, Long> mappings = ProcFile.mappings(process);
                all.unique.add(Memory.unique(mappings));
                all.proportional.add(megabytes(mappings, "Pss"));
                all.resident.add(megabytes(mappings, "Rss"));
            }
            return all;
        }
    }

    /** Many instances that their idle timers have paused. */
    static List<Row> asleep(Sandbox sandbox, int runs) throws IOException {
        return withMany(sandbox, (client, ids) -> {
            long daemon = client.call(Routes.STATUS).pid();
            double before = ProcFile.residentMb(daemon);
            while (ids.size() < SLEEPERS) {
                ids.add(fallAsleep(sandbox, client));
            }
            Set<Long> vms = ProcFile.vmsOf(daemon);
            if (vms.size() != SLEEPERS
                    || client.call(Routes.LIST.to().query("state", InstanceStatus.PAUSED.wire()))
                                    .size()
                            != SLEEPERS) {
                throw new IOException("there are " + vms.size() + " VMs, and not all of them are paused");
            }
            Turns usage = usageOfAMinute(daemon, vms);
            Mappings all = Mappings.of(vms);
            double each = (ProcFile.residentMb(daemon) - before) / SLEEPERS;
            return List.of(
                    usage.row("asleep.daemon", "CPU of the daemon, of one core, over a minute", "%")
                            .atMost(1)
                            .note(SLEEPERS
                                    + " instances were paused by their idle timers and wait to be stopped by them"),
                    usage.row("asleep.vms", "  of all their VMs together, over the same minute", "%"),
                    Row.of("asleep.vm", "  unique memory of each VM", "MB", all.unique()),
                    Row.of("asleep.vm.pss", "  proportional (Pss)", "MB", all.proportional()),
                    Row.of("asleep.each", "  memory in the daemon, for each", "MB", List.of(each)));
        });
    }

    /** What processes use of one core in a minute, in percent. */
    private static Turns usageOfAMinute(long daemon, Set<Long> vms) throws IOException {
        Turns usage = new Turns();
        return usage.each("asleep.daemon", () -> {
                    long daemonBefore = ProcFile.cpuTicks(daemon);
                    long vmsBefore = ticks(vms);
                    long begin = System.nanoTime();
                    LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(1));
                    double percent = 100 / (TICKS_PER_SECOND * Measure.since(begin) / 1000);
                    usage.keep("asleep.vms", percent * (ticks(vms) - vmsBefore));
                    return percent * (ProcFile.cpuTicks(daemon) - daemonBefore);
                })
                .run(0, 1);
    }

    /** Starts an instance and waits until its idle timer has paused it. */
    private static String fallAsleep(Sandbox sandbox, DaemonClient client) throws IOException {
        CreateInstance sleepy = CreateInstanceBuilder.builder()
                .command(Sandbox.IDLE)
                .idlePause("1s")
                .idleStop("1h")
                .build();
        try (DaemonClient follower = sandbox.client();
                JsonLines events = follower.lines(Routes.EVENTS.to().query("follow", "true"))) {
            String id = client.call(Routes.CREATE.with(sleepy)).id();
            for (byte[] line = events.next(); line != null; line = events.next()) {
                EventView event = ApiJson.answer(EventView.class, line);
                if (event.instanceId().equals(id) && event.to().equals("paused")) {
                    return id;
                }
            }
        }
        throw new IOException("the events ended before an instance was paused");
    }
}
