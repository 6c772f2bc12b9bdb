package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.api.StatsView.MemoryView;
import dev.aegisvm.api.StatsView.WakesView;
import dev.aegisvm.host.Machine;
import dev.aegisvm.testkit.Tool;

/**
 * Many instances with a server each: what they cost and how soon they answer, with 1, 10, 30 and more of them. Then they are
 * woken at random while idle timers pause and stop others, and when they are deleted, all has to be as before.
 */
record Soak(
        Sandbox sandbox,
        Turns turns,
        long daemon,
        CreateInstance create,
        List<LoadTarget> instances,
        Queue<String> errors,
        Random random) {
    private static final List<Integer> STEPS = List.of(1, 10, 30, 100, 300);
    private static final int AT_A_TIME = 10;
    private static final int MEMORY_MB = 256;
    /** What a VM can take at most, with QEMU's own memory, and what is left to the machine. */
    private static final double VM_MB = MEMORY_MB + 100;

    private static final double RESERVE_MB = 1000;
    private static final double MB_PER_MIB = 1.048576;
    private static final List<String> KINDS = List.of("running", "paused", "stopped");
    private static final int STOPS = 50;
    /** From one wake to the next, on average. */
    private static final Duration GAP = Duration.ofMillis(500);

    private static final Duration REST = Duration.ofSeconds(30);
    /** Longer than instances take to fall asleep while the soak counts. */
    private static final Quiet ASLEEP = new Quiet(Duration.ofMillis(500), 12, Duration.ofMinutes(2));

    static void soak(Sandbox sandbox, Turns turns) throws IOException {
        CreateInstance create = LoadTarget.create(sandbox, LoadTarget.HTTP)
                .withMemoryMb(MEMORY_MB)
                .withIdlePause("2s")
                .withIdleStop("1h");
        List<LoadTarget> none = Collections.synchronizedList(new ArrayList<>());
        Queue<String> errors = new ConcurrentLinkedQueue<>();
        new Soak(sandbox, turns, sandbox.daemon(), create, none, errors, new Random(1)).run();
    }

    private void run() throws IOException {
        // One comes and goes before it counts: the daemon keeps what it needs for the first of all.
        sandbox.awaitTemplate(create);
        Map<String, Long> before = Holdings.of(sandbox, daemon);
        List<Integer> steps = steps();
        announce(steps);
        for (int step : steps) {
            if (!grow(step)) {
                break;
            }
            probe(step);
            rest(step);
        }
        Map<String, Long> top = Holdings.of(sandbox, daemon);
        for (LoadTarget one : instances) {
            sleepSooner(one);
        }
        wakeAtRandom();
        for (LoadTarget one : instances) {
            one.close();
            one.ports().stream().filter(Soak::isOpen).forEach(port -> errors.add("port " + port + " is still open"));
        }
        compare(before, top, Holdings.of(sandbox, daemon));
        turns.value("soak.errors", "errors", "", errors.size()).atMost(0);
        if (!errors.isEmpty()) {
            throw new IOException(errors.size() + " errors, such as "
                    + errors.stream().limit(5).toList());
        }
    }

    private List<Integer> steps() {
        int wanted = turns.options().instances();
        return Stream.concat(STEPS.stream().filter(step -> step < wanted), Stream.of(wanted))
                .toList();
    }

    /** The rows in the order of the table: of each measure that with the fewest instances first. */
    private void announce(List<Integer> steps) {
        for (String kind : KINDS) {
            announce(kind, "connect to a " + kind + " instance → first byte", "ms", steps);
            steps.forEach(step -> row(kind, step).at(Plot.WAKES, kind, step));
            random(kind).tailAtMostTimes(3, row(kind, steps.getFirst()));
        }
        for (String part : List.of("unique", "shared")) {
            announce(part, part + " memory of each paused VM of " + MEMORY_MB + " MB", "MB", steps);
            steps.forEach(step -> row(part, step).at(Plot.MEMORY_INSTANCES, part, step));
        }
        announce("daemon", "CPU of the daemon at rest, of one core", "%", steps);
        announce("vms", "CPU of all VMs at rest, of one core", "%", steps);
    }

    private void announce(String measure, String title, String unit, List<Integer> steps) {
        for (int step : steps) {
            String count = step == 1 ? "1 instance" : step + " instances";
            String start = step == steps.getFirst() ? title + ", " : "  ";
            turns.metric("soak." + measure + "." + step, start + count, unit);
        }
    }

    private Metric row(String measure, int step) {
        return turns.metric("soak." + measure + "." + step, "");
    }

    private Metric random(String kind) {
        return turns.metric("soak." + kind + ".random", "  at random, while others are paused and stopped");
    }

    /** Makes more instances, some at a time, until there are so many; false when the host lacks the memory for them. */
    private boolean grow(int to) throws IOException {
        Metric alone = turns.metric("soak.create", "POST /v1/instances → main process started, the first");
        Metric together = turns.metric("soak.create.together", "  the others, " + AT_A_TIME + " at a time");
        while (instances.size() < to) {
            int more = Math.min(AT_A_TIME, to - instances.size());
            double missing = RESERVE_MB
                    + more * VM_MB
                    - new Machine().availableMemoryMb().orElseThrow() * MB_PER_MIB;
            if (missing > 0) {
                Main.say(
                        "%d of %d instances were made: %d more can take %.0f MB more than there are; free memory, or use SOAK_INSTANCES=%1$d"
                                .formatted(instances.size(), turns.options().instances(), more, missing));
                return false;
            }
            Turns.atOnce(more, () -> {
                CreateInstance one = create.withHandle("soak-" + UUID.randomUUID());
                double millis = Turns.millis(() -> instances.add(LoadTarget.start(sandbox, one)));
                (more == 1 ? alone : together).add(millis);
            });
        }
        return true;
    }

    /** How soon one of them answers, by the state that it is in, while the others fall asleep or are. */
    private void probe(int step) throws IOException {
        turns.step(() -> {
            LoadTarget one = any();
            one.get();
            turns.keep(row("running", step), Turns.millis(one::get));
            one.instance().call(Routes.PAUSE);
            turns.keep(row("paused", step), Turns.millis(one::get));
        });
        turns.run(2);
        turns.step(() -> {
            LoadTarget one = any();
            one.instance().call(Routes.STOP);
            turns.keep(row("stopped", step), Turns.millis(one::get));
        });
        turns.run(1, STOPS);
    }

    private LoadTarget any() {
        return instances.get(random.nextInt(instances.size()));
    }

    /** Memory and CPU time of them once all are paused. */
    private void rest(int step) throws IOException {
        if (ASLEEP.await(0, this::awake) > 0) {
            throw new IOException(awake() + " instances of " + step + " do not fall asleep");
        }
        for (StatsView stats : sandbox.call(Routes.ALL_STATS.to())) {
            MemoryView memory = Objects.requireNonNull(stats.memory(), stats.id());
            row("unique", step).add(memory.unique() / 1e6);
            row("shared", step).add(memory.shared() / 1e6);
        }
        Set<Long> vms = ProcFile.vmsOf(daemon);
        double daemonBefore = ProcFile.cpuMillis(Set.of(daemon));
        double vmsBefore = ProcFile.cpuMillis(vms);
        LockSupport.parkNanos(REST.toNanos());
        row("daemon", step).add(100 * (ProcFile.cpuMillis(Set.of(daemon)) - daemonBefore) / REST.toMillis());
        row("vms", step).add(100 * (ProcFile.cpuMillis(vms) - vmsBefore) / REST.toMillis());
    }

    private double awake() throws IOException {
        return instances.size()
                - sandbox.call(Routes.LIST.to().query("state", InstanceStatus.PAUSED.wire()))
                        .size();
    }

    /** Shorter than the time to their next wake, so that half of the wakes find a stopped one, and most others a paused one. */
    private void sleepSooner(LoadTarget one) throws IOException {
        int seconds = Math.toIntExact(GAP.multipliedBy(instances.size()).toSeconds());
        one.instance().call(Routes.STOP);
        sandbox.start(CreateInstance.of(List.of())
                .withHandle(one.instance().call(Routes.GET).name())
                .withIdlePause(Math.max(1, seconds / 10) + "s")
                .withIdleStop(Math.max(1, seconds * 6 / 10) + "s"));
    }

    /** Whether or not the last wake is answered, the next one comes. */
    private void wakeAtRandom() {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(turns.options().minutes());
        try (ExecutorService wakes = Executors.newVirtualThreadPerTaskExecutor()) {
            while (System.nanoTime() < end) {
                LoadTarget one = any();
                wakes.execute(() -> wake(one));
                LockSupport.parkNanos(random.nextLong(2 * GAP.toNanos()));
            }
        }
    }

    /** One at a time for each instance, so that the daemon's counts tell what it woke from. */
    private void wake(LoadTarget one) {
        synchronized (one) {
            try {
                WakesView before = one.instance().call(Routes.STATS).wakes();
                double millis = Turns.millis(one::get);
                WakesView after = one.instance().call(Routes.STATS).wakes();
                String kind = after.stopped().count() > before.stopped().count()
                        ? "stopped"
                        : after.paused().count() > before.paused().count() ? "paused" : "running";
                random(kind).add(millis);
            } catch (IOException | RuntimeException failure) {
                errors.add(one.instance().id() + ": " + failure);
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
        before.forEach((what, first) -> {
            String name = "soak." + what.replace(' ', '-');
            String unit = what.equals(Holdings.HEAP) ? "kB" : "";
            long last = after.getOrDefault(what, 0L);
            turns.value(name, what + ", when all are gone", unit, (double) last);
            turns.value(name + ".before", "  before the first", unit, first);
            turns.value(name + ".top", "  with " + instances.size() + " instances", unit, top.getOrDefault(what, 0L));
            if (last > first && !what.equals(Holdings.HEAP) && !what.equals(Holdings.THREADS)) {
                errors.add(what + ": " + last + " afterwards, " + first + " before");
            }
        });
    }

    /** What a daemon holds when it has nothing to do, by what it is. */
    private static final class Holdings {
        /** What is alive in it after a full collection, in kB. */
        static final String HEAP = "live heap of the daemon";

        static final String THREADS = "threads of the daemon";

        private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
        /** The JVM's own pools let an idle thread go after a minute at most. */
        private static final Quiet MINUTE = new Quiet(Duration.ofSeconds(1), 65, Duration.ofMinutes(5));

        private Holdings() {}

        static Map<String, Long> of(Sandbox sandbox, long daemon) throws IOException {
            // Whoever looks leaves a thread and a socket behind the first time.
            liveKb(daemon);
            long threads = (long) MINUTE.await(0, () -> entries(daemon, "task"));
            Map<String, Long> held = new LinkedHashMap<>();
            held.put("VM processes", (long) ProcFile.vmsOf(daemon).size());
            held.put("open descriptors of the daemon", entries(daemon, "fd"));
            // Counted by their names only: one may be closed at any moment.
            try (Stream<Path> files = Files.walk(sandbox.home().data())) {
                held.put("files in the home", files.count());
            }
            held.put(THREADS, threads);
            held.put(HEAP, liveKb(daemon));
            return held;
        }

        private static long entries(long pid, String name) throws IOException {
            try (Stream<Path> entries = Files.list(ProcFile.of(pid, name))) {
                return entries.count();
            }
        }

        private static long liveKb(long pid) throws IOException {
            String jcmd = System.getProperty("java.home") + "/bin/jcmd";
            String histogram = Tool.run(jcmd, Long.toString(pid), "GC.class_histogram");
            Matcher found = TOTAL.matcher(histogram);
            if (!found.find()) {
                throw new IOException("there is no total in " + histogram);
            }
            return Long.parseLong(found.group(1)) / 1024;
        }
    }
}
