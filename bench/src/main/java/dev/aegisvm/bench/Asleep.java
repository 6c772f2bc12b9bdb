package dev.aegisvm.bench;

import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.CreateInstanceBuilder;
import dev.aegisvm.api.EventView;
import dev.aegisvm.api.InstanceStatus;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.JsonLines;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What many instances cost that have fallen asleep: CPU time of the daemon and of their VMs, and memory. */
final class Asleep implements Measure {
    private static final int INSTANCES = 50;
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final double WISH_PERCENT = 1;
    private static final double TICKS_PER_SECOND = 100;
    private static final double PERCENT = 100;

    @Override
    public String title() {
        return INSTANCES + " instances that have fallen asleep";
    }

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        List<String> ids = new ArrayList<>();
        try (DaemonClient client = sandbox.client()) {
            try {
                return measure(sandbox, client, ids);
            } finally {
                for (String id : ids) {
                    client.delete(id);
                }
            }
        }
    }

    private static List<Row> measure(Sandbox sandbox, DaemonClient client, List<String> ids) throws IOException {
        long daemon = client.status().pid();
        double before = ProcFile.residentMb(daemon);
        while (ids.size() < INSTANCES) {
            ids.add(fallAsleep(sandbox, client));
        }
        List<Long> vms = new ArrayList<>(Memory.vmsOf(daemon));
        if (vms.size() != INSTANCES || client.list(InstanceStatus.PAUSED.wire()).size() != INSTANCES) {
            throw new IOException("there are " + vms.size() + " VMs, and not all of them are paused");
        }
        Usage usage = Usage.measure(daemon, vms);
        List<Double> unique = new ArrayList<>();
        List<Double> proportional = new ArrayList<>();
        for (long vm : vms) {
            Map<String, Long> mappings = ProcFile.mappings(vm);
            unique.add(Memory.unique(mappings));
            proportional.add(mappings.getOrDefault("Pss", 0L) * Memory.MB_PER_KB);
        }
        double more = ProcFile.residentMb(daemon) - before;
        return List.of(
                Row.of("asleep.daemon", "CPU of the daemon, of one core, over a minute", "%", List.of(usage.daemon()))
                        .atMost(WISH_PERCENT)
                        .note(INSTANCES + " instances were paused by their idle timers and wait to be stopped by them"),
                Row.of("asleep.vms", "  of all their VMs together, over the same minute", "%", List.of(usage.vms())),
                Row.of("asleep.vm", "  unique memory of each VM", "MB", unique),
                Row.of("asleep.vm.pss", "  proportional (Pss)", "MB", proportional),
                Row.of("asleep.each", "  memory in the daemon, for each", "MB", List.of(more / INSTANCES)));
    }

    /** Starts an instance and waits until its idle timer has paused it. */
    private static String fallAsleep(Sandbox sandbox, DaemonClient client) throws IOException {
        String id;
        try (DaemonClient follower = sandbox.client();
                JsonLines events = follower.events(true)) {
            id = client.create(sleepy()).id();
            awaitPause(id, events);
        }
        return id;
    }

    private static void awaitPause(String id, JsonLines events) throws IOException {
        for (byte[] line = events.next(); line != null; line = events.next()) {
            EventView event = ApiJson.answer(EventView.class, line);
            if (event.instanceId().equals(id) && event.to().equals("paused")) {
                return;
            }
        }
        throw new IOException("the events ended before " + id + " was paused");
    }

    private static CreateInstance sleepy() {
        return CreateInstanceBuilder.builder()
                .command(Sandbox.IDLE)
                .idlePause("1s")
                .idleStop("1h")
                .build();
    }

    /** What processes use of one core in a minute: the daemon, and its VMs together. */
    private record Usage(double daemon, double vms) {
        static Usage measure(long daemon, List<Long> vms) throws IOException {
            long daemonBefore = ProcFile.cpuTicks(daemon);
            long vmsBefore = ticks(vms);
            long begin = System.nanoTime();
            LockSupport.parkNanos(MINUTE.toNanos());
            double ticks = TICKS_PER_SECOND * (System.nanoTime() - begin) / TimeUnit.SECONDS.toNanos(1);
            return new Usage(
                    PERCENT * (ProcFile.cpuTicks(daemon) - daemonBefore) / ticks,
                    PERCENT * (ticks(vms) - vmsBefore) / ticks);
        }

        private static long ticks(List<Long> processes) throws IOException {
            long ticks = 0;
            for (long process : processes) {
                ticks += ProcFile.cpuTicks(process);
            }
            return ticks;
        }
    }
}
