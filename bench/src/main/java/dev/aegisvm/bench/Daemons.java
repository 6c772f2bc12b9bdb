package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.api.*;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.testkit.TestHome;
import dev.aegisvm.testkit.Tool;

/** The daemon's own start, and what it has more of after many instances came and went. */
final class Daemons {
    private static final int STOPPED = 1000;
    private static final int CYCLES = 64;
    private static final int AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
    /** The JVM's own pools let an idle thread go after a minute at most. */
    private static final Quiet THREADS = new Quiet(Duration.ofSeconds(1), 65, Duration.ofMinutes(5));

    private Daemons() {}

    /** How long a daemon takes to its first answer when there are many stopped instances, and when there are none. */
    static void start(Sandbox sandbox, Turns turns) throws IOException {
        // Instances are made through the API on a daemon whose QEMU cannot run, so that a thousand of them take
        // seconds.
        try (Sandbox many = sandbox.withQemu("exit 1");
                Sandbox none = sandbox.withQemu("exit 1")) {
            CreateInstance create = CreateInstance.of(List.of("true"));
            atOnce(many, STOPPED, client -> client.call(Routes.CREATE.with(create)));
            many.aegis("down").output();
            none.aegis("down").output();
            String title = "`aegisd` spawned → first answer, " + STOPPED + " stopped instances";
            turns.each("daemon", title, () -> started(many, STOPPED))
                    .atMost(1500)
                    .note("the instances never ran: each has a record, a log and a directory, but no disk");
            turns.each("daemon.empty", "  in turn with it: no instances", () -> started(none, 0));
            turns.run(2, 20);
        }
    }

    /** Starts a daemon, with the usual QEMU, and ends it again; milliseconds from its spawn to its first answer. */
    private static double started(Sandbox sandbox, int instances) throws IOException {
        AegisHome home = new AegisHome(sandbox.home().root(), TestHome.sharedCache());
        try (DaemonClient client = sandbox.client()) {
            double millis = Turns.millis(() -> {
                new DaemonLauncher(home, Path.of(sandbox.program("aegisd")), PATIENCE).launch();
                client.call(Routes.STATUS);
            });
            int stopped =
                    client.call(Routes.LIST.to().query("state", "stopped")).size();
            if (stopped != instances) {
                throw new IOException("there are " + stopped + " stopped instances, not " + instances);
            }
            return millis;
        } finally {
            sandbox.aegis("down").output();
        }
    }

    /** What a daemon has more of after many instances came and went, than after as many before. */
    static void cycles(Sandbox sandbox, Turns turns) throws IOException {
        long pid;
        try (DaemonClient client = sandbox.client()) {
            pid = client.call(Routes.STATUS).pid();
        }
        cycles(sandbox);
        // Whoever looks leaves a thread and a socket behind the first time.
        liveKb(pid);
        Holdings before = Holdings.of(sandbox, pid);
        double millis = Turns.millis(() -> cycles(sandbox));
        Holdings after = Holdings.of(sandbox, pid);
        String title = "create, first output, delete: each of " + CYCLES + " instances, " + AT_ONCE + " at a time";
        turns.value("cycles", title, "ms", millis / CYCLES);
        more(turns, "descriptors", "open descriptors", "", after.descriptors - before.descriptors)
                .atMost(0);
        more(turns, "threads", "threads", "", after.threads - before.threads).atMost(0);
        more(turns, "heap", "live heap", "kB", after.heapKb - before.heapKb).atMost(512);
        more(turns, "files", "files in the home", "", after.files - before.files)
                .atMost(0);
    }

    private static void cycles(Sandbox sandbox) throws IOException {
        atOnce(sandbox, CYCLES, client -> client.call(Routes.DELETE, sandbox.start(client, Sandbox.IDLE)));
    }

    private static Metric more(Turns turns, String name, String what, String unit, double grown) {
        return turns.value("cycles." + name, "  more " + what + " than before", unit, grown);
    }

    /** What a daemon holds when it has nothing to do. */
    private record Holdings(double descriptors, double threads, double heapKb, double files) {
        static Holdings of(Sandbox sandbox, long pid) throws IOException {
            double threads = THREADS.await(0, () -> entries(pid, "task"));
            // Counted by their names only: one may be closed at any moment.
            try (Stream<Path> files = Files.walk(sandbox.home().data())) {
                return new Holdings(entries(pid, "fd"), threads, liveKb(pid), files.count());
            }
        }

        private static long entries(long pid, String name) throws IOException {
            try (Stream<Path> entries = Files.list(ProcFile.of(pid, name))) {
                return entries.count();
            }
        }
    }

    /** What is alive in the heap, after a full collection. */
    private static double liveKb(long pid) throws IOException {
        String jcmd = System.getProperty("java.home") + "/bin/jcmd";
        String histogram = Tool.run(jcmd, Long.toString(pid), "GC.class_histogram");
        Matcher found = TOTAL.matcher(histogram);
        if (!found.find()) {
            throw new IOException("there is no total in " + histogram);
        }
        return Double.parseDouble(found.group(1)) / 1024;
    }

    private interface Task {
        void with(DaemonClient client) throws IOException;
    }

    /** Does it so many times, several at once over a connection each. */
    private static void atOnce(Sandbox sandbox, int times, Task task) throws IOException {
        Turns.atOnce(AT_ONCE, () -> {
            try (DaemonClient client = sandbox.client()) {
                for (int i = 0; i < times / AT_ONCE; i++) {
                    task.with(client);
                }
            }
        });
    }
}
