package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;

/** What a daemon and VMs cost that have nothing to do: memory, and CPU time. */
final class Memory {
    private static final int IDLE_VMS = 5;
    private static final int SLEEPERS = 50;
    /** Ten looks in five seconds; a process is idle that uses at most 1 % of a CPU, which is five ticks. */
    private static final Quiet QUIET = new Quiet(Duration.ofMillis(500), 10, Duration.ofMinutes(1));

    private static final double IDLE_TICKS = 5;
    private static final double TICKS_PER_SECOND = 100;

    private Memory() {}

    /** Starts instances and works with them; they are deleted afterwards. */
    private interface Work {
        void with(DaemonClient client, long daemon, List<String> ids) throws IOException;
    }

    private static void withMany(Sandbox sandbox, Work work) throws IOException {
        List<String> ids = new ArrayList<>();
        try (DaemonClient client = sandbox.client()) {
            try {
                work.with(client, client.call(Routes.STATUS).pid(), ids);
            } finally {
                for (String id : ids) {
                    client.call(Routes.DELETE, id);
                }
            }
        }
    }

    /** Looks at the first VM while it is alone, and at all of them together. */
    static void idle(Sandbox sandbox, Turns turns) throws IOException {
        withMany(sandbox, (client, daemon, ids) -> {
            ids.add(sandbox.start(client, Sandbox.IDLE));
            List<Double> alone = mapped(quietVms(daemon), "Private_Clean", "Private_Dirty");
            while (ids.size() < IDLE_VMS) {
                ids.add(sandbox.start(client, Sandbox.IDLE));
            }
            Set<Long> vms = quietVms(daemon);
            String idle = "resident memory of the idle daemon, with " + IDLE_VMS + " idle VMs";
            turns.value("memory.daemon", idle, "MB", ProcFile.residentMb(daemon))
                    .atMost(200);
            unique(turns, "memory.vm", "unique memory of an idle restored 512 MB VM, one of " + IDLE_VMS, vms)
                    .atMost(60);
            String only = "  when it is the only one (what others would share counts as its own)";
            turns.values("memory.vm.alone", only, "MB", alone);
            turns.values("memory.vm.pss", "  proportional (Pss)", "MB", mapped(vms, "Pss"));
            turns.values("memory.vm.rss", "  resident", "MB", mapped(vms, "Rss"));
        });
    }

    /** The VMs, once they and the daemon do nothing. */
    private static Set<Long> quietVms(long daemon) throws IOException {
        Set<Long> vms = ProcFile.vmsOf(daemon);
        QUIET.await(IDLE_TICKS * (1 + vms.size()), () -> ProcFile.cpuTicks(daemon) + ticks(vms));
        return vms;
    }

    private static long ticks(Collection<Long> processes) throws IOException {
        long ticks = 0;
        for (long process : processes) {
            ticks += ProcFile.cpuTicks(process);
        }
        return ticks;
    }

    private static Metric unique(Turns turns, String name, String title, Set<Long> vms) throws IOException {
        return turns.values(name, title, "MB", mapped(vms, "Private_Clean", "Private_Dirty"));
    }

    /** Of each process the sum of these lines, in MB. */
    private static List<Double> mapped(Set<Long> processes, String... lines) throws IOException {
        List<Double> megabytes = new ArrayList<>();
        for (long process : processes) {
            Map<String, Double> mappings = ProcFile.mappings(process);
            double sum = 0;
            for (String line : lines) {
                sum += mappings.getOrDefault(line, 0.0);
            }
            megabytes.add(sum);
        }
        return megabytes;
    }

    /** Many instances that their idle timers have paused. */
    static void asleep(Sandbox sandbox, Turns turns) throws IOException {
        withMany(sandbox, (client, daemon, ids) -> {
            double before = ProcFile.residentMb(daemon);
            while (ids.size() < SLEEPERS) {
                ids.add(fallAsleep(sandbox, client));
            }
            Set<Long> vms = ProcFile.vmsOf(daemon);
            int paused = client.call(Routes.LIST.to().query("state", InstanceStatus.PAUSED.wire()))
                    .size();
            if (vms.size() != SLEEPERS || paused != SLEEPERS) {
                throw new IOException("there are " + vms.size() + " VMs, and " + paused + " of them are paused");
            }
            usageOfAMinute(daemon, vms, turns);
            double each = (ProcFile.residentMb(daemon) - before) / SLEEPERS;
            unique(turns, "asleep.vm", "  unique memory of each VM", vms);
            turns.values("asleep.vm.pss", "  proportional (Pss)", "MB", mapped(vms, "Pss"));
            turns.value("asleep.each", "  memory in the daemon, for each", "MB", each);
        });
    }

    /** What processes use of one core in a minute, in percent. */
    private static void usageOfAMinute(long daemon, Set<Long> vms, Turns turns) throws IOException {
        long daemonBefore = ProcFile.cpuTicks(daemon);
        long vmsBefore = ticks(vms);
        long begin = System.nanoTime();
        LockSupport.parkNanos(TimeUnit.MINUTES.toNanos(1));
        double percent = 100 / (TICKS_PER_SECOND * Turns.since(begin) / 1000);
        double ofDaemon = percent * (ProcFile.cpuTicks(daemon) - daemonBefore);
        double ofVms = percent * (ticks(vms) - vmsBefore);
        turns.value("asleep.daemon", "CPU of the daemon, of one core, over a minute", "%", ofDaemon)
                .atMost(1)
                .note(SLEEPERS + " instances were paused by their idle timers and wait to be stopped by them");
        turns.value("asleep.vms", "  of all their VMs together, over the same minute", "%", ofVms);
    }

    /** Starts an instance and waits until its idle timer has paused it. */
    private static String fallAsleep(Sandbox sandbox, DaemonClient client) throws IOException {
        CreateInstance sleepy = Sandbox.IDLE.withIdlePause("1s").withIdleStop("1h");
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
