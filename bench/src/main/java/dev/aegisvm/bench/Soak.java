package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.StatsView.*;
import dev.aegisvm.bench.Sandbox.Instance;
import dev.aegisvm.host.Machine;
import dev.aegisvm.testkit.Tool;

/**
 * Many instances with a server each: what they cost and how soon they answer, with 1, 10, 30 and more of them. Then
 * they are woken at random while idle timers pause and stop others, and when they are deleted, all has to be as before.
 */
final class Soak {
    private static final List<Integer> STEPS = List.of(1, 10, 30, 100, 300);
    private static final int AT_A_TIME = 10;
    private static final int MEMORY_MB = 256;
    /** What a VM can take at most, with QEMU's own memory, and what is left to the machine. */
    private static final double VM_MB = MEMORY_MB + 100;

    private static final double RESERVE_MB = 1000;
    private static final int STOPS = 50;
    /** From one wake to the next, on average. */
    private static final Duration GAP = Duration.ofMillis(500);

    private static final Duration REST = Duration.ofSeconds(30);
    /** Longer than instances take to fall asleep while the soak counts. */
    private static final Turns.Quiet ASLEEP = new Turns.Quiet(Duration.ofMillis(500), 12, Duration.ofMinutes(2));
    /** The JVM's own pools let an idle thread go after a minute at most. */
    private static final Turns.Quiet THREADS = new Turns.Quiet(Duration.ofSeconds(1), 65, Duration.ofMinutes(5));

    private final Sandbox sandbox;
    private final Turns turns;
    private final long daemon;
    private final CreateInstance create;
    private final List<Instance> instances = Collections.synchronizedList(new ArrayList<>());
    private final Queue<String> errors = new ConcurrentLinkedQueue<>();
    private final Random random = new Random(1);

    private Soak(Sandbox sandbox, Turns turns) throws IOException {
        this.sandbox = sandbox;
        this.turns = turns;
        this.daemon = sandbox.daemon();
        this.create = LoadTarget.create(sandbox, LoadTarget.HTTP)
                .withMemoryMb(MEMORY_MB)
                .withIdlePause("2s")
                .withIdleStop("1h");
    }

    static void soak(Sandbox sandbox, Turns turns) throws IOException {
        new Soak(sandbox, turns).run();
    }

    private void run() throws IOException {
        // One comes and goes before it counts: the daemon keeps what it needs for the first of all.
        sandbox.awaitTemplate(create);
        Map<String, Long> before = held();
        int wanted = turns.options().instances();
        Stream<Integer> smaller = STEPS.stream().filter(step -> step < wanted);
        for (int step : Stream.concat(smaller, Stream.of(wanted)).toList()) {
            if (!grow(step)) {
                break;
            }
            probe(step);
            rest(step);
        }
        Map<String, Long> top = held();
        for (Instance one : instances) {
            sleepSooner(one);
        }
        wakeAtRandom();
        for (Instance one : instances) {
            one.close();
            one.ports().stream().filter(Soak::isOpen).forEach(port -> errors.add("port " + port + " is still open"));
        }
        compare(before, top, held());
        turns.keep("soak.errors", errors.size());
        if (!errors.isEmpty()) {
            throw new IOException(errors.size() + " errors, such as "
                    + errors.stream().limit(5).toList());
        }
    }

    /** Makes more instances, some at a time, until there are so many; false when the host lacks the memory for them. */
    private boolean grow(int to) throws IOException {
        while (instances.size() < to) {
            int more = Math.min(AT_A_TIME, to - instances.size());
            double freeMb = new Machine().availableMemoryMb().orElseThrow() * 1.048576;
            if (freeMb < RESERVE_MB + more * VM_MB) {
                Main.say(
                        "%d instances were made; %.0f MB are free, and %d more can take %.0f MB; free memory, or use SOAK_INSTANCES=%1$d"
                                .formatted(instances.size(), freeMb - RESERVE_MB, more, more * VM_MB));
                return false;
            }
            Turns.atOnce(Collections.nCopies(more, () -> {
                CreateInstance one = create.withHandle("soak-" + UUID.randomUUID());
                double millis = Turns.millis(() -> instances.add(sandbox.start(one)));
                turns.keep(more == 1 ? "soak.create" : "soak.create.together", millis);
            }));
        }
        return true;
    }

    /** How soon one of them answers, by the state that it is in, while the others fall asleep or are. */
    private void probe(int step) throws IOException {
        turns.step(() -> {
            Instance one = any();
            LoadTarget.get(one);
            turns.keep("soak.running." + step, Turns.millis(() -> LoadTarget.get(one)));
            one.call(Routes.PAUSE);
            turns.keep("soak.paused." + step, Turns.millis(() -> LoadTarget.get(one)));
        });
        turns.run(2);
        turns.step(() -> {
            Instance one = any();
            one.call(Routes.STOP);
            turns.keep("soak.stopped." + step, Turns.millis(() -> LoadTarget.get(one)));
        });
        turns.run(1, STOPS);
    }

    private Instance any() {
        return instances.get(random.nextInt(instances.size()));
    }

    /** Memory and CPU time of them once all are paused. */
    private void rest(int step) throws IOException {
        if (ASLEEP.await(0, this::awake) > 0) {
            throw new IOException(awake() + " instances of " + step + " do not fall asleep");
        }
        for (StatsView stats : sandbox.call(Routes.ALL_STATS.to())) {
            MemoryView memory = Objects.requireNonNull(stats.memory(), stats.id());
            turns.keep("soak.unique." + step, memory.unique() / 1e6);
            turns.keep("soak.shared." + step, memory.shared() / 1e6);
        }
        Set<Long> vms = Usage.vmsOf(daemon);
        double daemonBefore = Usage.cpuMillis(Set.of(daemon));
        double vmsBefore = Usage.cpuMillis(vms);
        LockSupport.parkNanos(REST.toNanos());
        double percent = 100.0 / REST.toMillis();
        turns.keep("soak.daemon." + step, percent * (Usage.cpuMillis(Set.of(daemon)) - daemonBefore));
        turns.keep("soak.vms." + step, percent * (Usage.cpuMillis(vms) - vmsBefore));
    }

    private double awake() throws IOException {
        var paused = Routes.LIST.to().query("state", InstanceStatus.PAUSED.wire());
        return instances.size() - sandbox.call(paused).size();
    }

    /** So short that about half of the wakes find a stopped instance, and most others a paused one. */
    private void sleepSooner(Instance one) throws IOException {
        int seconds = Math.toIntExact(GAP.multipliedBy(instances.size()).toSeconds());
        one.call(Routes.STOP);
        sandbox.start(CreateInstance.of(List.of())
                .withHandle(one.call(Routes.GET).name())
                .withIdlePause(Math.max(1, seconds / 10) + "s")
                .withIdleStop(Math.max(1, seconds * 6 / 10) + "s"));
    }

    /** Whether or not the last wake is answered, the next one comes. */
    private void wakeAtRandom() {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(turns.options().minutes());
        try (ExecutorService wakes = Executors.newVirtualThreadPerTaskExecutor()) {
            while (System.nanoTime() < end) {
                Instance one = any();
                wakes.execute(() -> wake(one));
                LockSupport.parkNanos(random.nextLong(2 * GAP.toNanos()));
            }
        }
    }

    /** One at a time for each instance, so that the daemon's counts tell what it woke from. */
    private void wake(Instance one) {
        synchronized (one) {
            try {
                WakesView before = one.call(Routes.STATS).wakes();
                double millis = Turns.millis(() -> LoadTarget.get(one));
                WakesView after = one.call(Routes.STATS).wakes();
                boolean stopped = after.stopped().count() > before.stopped().count();
                boolean paused = after.paused().count() > before.paused().count();
                turns.keep("soak." + (stopped ? "stopped" : paused ? "paused" : "running") + ".random", millis);
            } catch (IOException | RuntimeException failure) {
                errors.add(one.id() + ": " + failure);
            }
        }
    }

    private static boolean isOpen(int port) {
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** All but threads and the heap has to be as before to the last one. */
    private void compare(Map<String, Long> before, Map<String, Long> top, Map<String, Long> after) {
        after.forEach((what, last) -> {
            long first = before.getOrDefault(what, 0L);
            turns.keep("soak." + what, (double) last);
            turns.keep("soak." + what + ".before", (double) first);
            turns.keep("soak." + what + ".top", (double) top.getOrDefault(what, 0L));
            if (last > first && !Set.of("threads", "heap").contains(what)) {
                errors.add(what + ": " + last + " afterwards, " + first + " before");
            }
        });
    }

    /** What the daemon holds when it has nothing to do, by the names of rows. */
    private Map<String, Long> held() throws IOException {
        // The first look leaves a thread and a socket behind.
        liveKb();
        long threads = (long) THREADS.await(0, () -> Usage.entries(daemon, "task"));
        try (Stream<Path> files = Files.walk(sandbox.home().data())) {
            return Map.of(
                    "processes", (long) Usage.vmsOf(daemon).size(),
                    "descriptors", Usage.entries(daemon, "fd"),
                    "files", files.count(),
                    "threads", threads,
                    "heap", liveKb());
        }
    }

    /** What is alive in it after a full collection. */
    private long liveKb() throws IOException {
        String jcmd = System.getProperty("java.home") + "/bin/jcmd";
        String histogram = Tool.run(jcmd, Long.toString(daemon), "GC.class_histogram");
        String[] total =
                histogram.strip().substring(histogram.lastIndexOf("Total")).split("\\s+", 4);
        return Long.parseLong(total[2]) / 1024;
    }
}
