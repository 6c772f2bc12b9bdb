package dev.aegisvm.bench;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.api.Routes;
import dev.aegisvm.bench.Measure.Turns;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.testkit.TestHome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The daemon's own start, and what it has more of after many instances came and went. */
final class Daemons {
    private static final int STOPPED = 1000;
    private static final int CYCLES = 64;
    private static final int AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

    private Daemons() {}

    /** How long a daemon takes to its first answer when there are many stopped instances, and when there are none. */
    static List<Row> start(Sandbox sandbox, int runs) throws IOException {
        Turns turns = new Turns();
        try (StoppedHome many = StoppedHome.with(sandbox, STOPPED);
                StoppedHome none = StoppedHome.with(sandbox, 0)) {
            turns.each("daemon", many::start).each("daemon.empty", none::start).run(2, Math.min(runs, 20));
        }
        return List.of(
                turns.row("daemon", "`aegisd` spawned → first answer, " + STOPPED + " stopped instances")
                        .atMost(1500)
                        .note("the instances never ran: each has a record, a log and a directory, but no disk"),
                turns.row("daemon.empty", "  in turn with it: no instances"));
    }

    /**
     * A home in which all instances are stopped, and no daemon runs but while one is timed. They are made through the API, on a
     * daemon whose QEMU cannot run, so that a thousand of them take seconds.
     */
    private record StoppedHome(TestHome home, int instances) implements AutoCloseable {
        static StoppedHome with(Sandbox sandbox, int instances) throws IOException {
            StoppedHome made = new StoppedHome(sandbox.anotherHome(), instances);
            made.fill();
            return made;
        }

        private void fill() throws IOException {
            Path tools = Files.createDirectories(home.directory().resolve("tools"));
            // A cache of its own: what that daemon finds out about its QEMU is nobody else's business.
            AegisHome withoutQemu = new AegisHome(home.directory(), Files.createDirectories(tools.resolve("cache")));
            Files.copy(
                    TestHome.sharedCache().resolve("guest.properties"),
                    withoutQemu.cache().resolve("guest.properties"));
            script(tools.resolve("qemu-system-x86_64"), "exit 1");
            Path daemon = script(
                    tools.resolve("aegisd"),
                    "AEGIS_ACCEL=tcg PATH='" + tools + "':\"$PATH\" exec '" + home.program("aegisd") + "'");
            new DaemonLauncher(withoutQemu, daemon, PATIENCE).launch();
            try {
                atOnce(
                        withoutQemu.socket(),
                        instances,
                        client -> client.call(Routes.CREATE.with(CreateInstance.of(List.of("true")))));
            } finally {
                down();
            }
        }

        private static Path script(Path file, String line) throws IOException {
            Files.writeString(file, "#!/bin/sh\n" + line + "\n");
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        }

        /** Starts a daemon and ends it again; milliseconds from its spawn to its first answer. */
        double start() throws IOException {
            AegisHome names = AegisHome.of(home.environment());
            try (DaemonClient client = new DaemonClient(names.socket())) {
                double millis = Measure.millis(() -> {
                    new DaemonLauncher(names, home.program("aegisd"), PATIENCE).launch();
                    client.call(Routes.STATUS);
                });
                int stopped =
                        client.call(Routes.LIST.to().query("state", "stopped")).size();
                if (stopped != instances) {
                    throw new IOException("there are " + stopped + " stopped instances, not " + instances);
                }
                return millis;
            } finally {
                down();
            }
        }

        private void down() throws IOException {
            TimedProcess.in(home, home.command("aegis", "down")).mustEnd();
        }

        @Override
        public void close() throws IOException {
            home.delete();
        }
    }

    /** What a daemon has more of after many instances came and went, than after as many before. */
    static List<Row> cycles(Sandbox sandbox, int runs) throws IOException {
        long pid;
        try (DaemonClient client = sandbox.client()) {
            pid = client.call(Routes.STATUS).pid();
        }
        cycles(sandbox);
        // Whoever looks leaves a thread and a socket behind the first time.
        liveKb(pid);
        Holdings before = Holdings.of(sandbox, pid);
        double millis = Measure.millis(() -> cycles(sandbox));
        Holdings after = Holdings.of(sandbox, pid);
        return List.of(
                Row.of(
                        "cycles",
                        "create, first output, delete: each of " + CYCLES + " instances, " + AT_ONCE + " at a time",
                        "ms",
                        List.of(millis / CYCLES)),
                more("descriptors", "open descriptors", "", after.descriptors - before.descriptors, 0),
                more("threads", "threads", "", after.threads - before.threads, 0),
                more("heap", "live heap", "kB", after.heapKb - before.heapKb, 512),
                more("files", "files in the home", "", after.files - before.files, 0));
    }

    private static void cycles(Sandbox sandbox) throws IOException {
        atOnce(
                sandbox.socket(),
                CYCLES,
                client -> client.call(
                        Routes.DELETE, sandbox.startAndAwaitOutput(client, CreateInstance.of(Sandbox.IDLE))));
    }

    private static Row more(String name, String what, String unit, double grown, double limit) {
        return Row.of("cycles." + name, "  more " + what + " than before", unit, List.of(grown))
                .atMost(limit);
    }

    /** What a daemon holds when it has nothing to do. */
    private record Holdings(double descriptors, double threads, double heapKb, double files) {
        static Holdings of(Sandbox sandbox, long pid) throws IOException {
            double threads = ProcFile.steadyThreads(pid);
            // Counted by their names only: one may be closed at any moment.
            try (Stream<Path> descriptors = Files.list(Path.of("/proc", Long.toString(pid), "fd"));
                    Stream<Path> files = Files.walk(sandbox.data())) {
                return new Holdings(descriptors.count(), threads, liveKb(pid), files.count());
            }
        }
    }

    /** What is alive in the heap, after a full collection. */
    private static double liveKb(long pid) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        String histogram = TimedProcess.of(jcmd.toString(), Long.toString(pid), "GC.class_histogram")
                .mustEnd();
        Matcher found = TOTAL.matcher(histogram);
        if (!found.find()) {
            throw new IOException("there is no total in " + histogram);
        }
        return Double.parseDouble(found.group(1)) / 1024;
    }

    /** Something that is done many times. */
    private interface Task {
        void with(DaemonClient client) throws IOException;
    }

    /** Does it so many times, several at once over a connection each; throws what the first of them threw. */
    private static void atOnce(Path socket, int times, Task task) throws IOException {
        List<Callable<Void>> workers = new ArrayList<>();
        for (int worker = 0; worker < AT_ONCE; worker++) {
            int share = times / AT_ONCE + (worker < times % AT_ONCE ? 1 : 0);
            workers.add(() -> {
                try (DaemonClient client = new DaemonClient(socket)) {
                    for (int i = 0; i < share; i++) {
                        task.with(client);
                    }
                }
                return null;
            });
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> worker : threads.invokeAll(workers)) {
                worker.get();
            }
        } catch (ExecutionException failure) {
            throw new IOException(failure.getCause());
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }
}
