package dev.aegisvm.bench;

import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a daemon has more of after many instances came and went, than after as many before. */
final class Cycles implements Measure {
    private static final int CYCLES = 64;
    private static final double WISH_HEAP_KB = 512;
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");

    @Override
    public String title() {
        return CYCLES + " instances created and deleted, " + AtOnce.WIDTH + " at a time";
    }

    /** What it holds when it has nothing to do. */
    private record Holdings(double descriptors, double threads, double heapKb, double files) {}

    @Override
    public List<Row> take(Sandbox sandbox, int runs) throws IOException {
        cycles(sandbox);
        // Whoever looks leaves a thread and a socket behind the first time.
        histogram(pid(sandbox));
        Holdings before = holdings(sandbox);
        long begin = System.nanoTime();
        cycles(sandbox);
        double millis = (System.nanoTime() - begin) / 1e6;
        Holdings after = holdings(sandbox);
        return List.of(
                Row.of("cycles", "create, first output, delete: each of " + title(), "ms", List.of(millis / CYCLES)),
                more("descriptors", "open descriptors", "", after.descriptors - before.descriptors, 0),
                more("threads", "threads", "", after.threads - before.threads, 0),
                more("heap", "live heap", "kB", after.heapKb - before.heapKb, WISH_HEAP_KB),
                more("files", "files in the home", "", after.files - before.files, 0));
    }

    private static Row more(String name, String what, String unit, double grown, double limit) {
        return Row.of("cycles." + name, "  more " + what + " than before", unit, List.of(grown))
                .atMost(limit);
    }

    private static void cycles(Sandbox sandbox) throws IOException {
        AtOnce.run(sandbox.socket(), CYCLES, client -> {
            String id = sandbox.startAndAwaitOutput(client, Sandbox.IDLE);
            client.delete(id);
        });
    }

    private static long pid(Sandbox sandbox) throws IOException {
        try (DaemonClient client = sandbox.client()) {
            return client.status().pid();
        }
    }

    private static Holdings holdings(Sandbox sandbox) throws IOException {
        long pid = pid(sandbox);
        double threads = SteadyThreads.of(pid);
        Path process = Path.of("/proc", Long.toString(pid));
        return new Holdings(
                descriptors(process.resolve("fd")), threads, live(histogram(pid)) / 1024, files(sandbox.data()));
    }

    /** Counted by their names only: one may be closed at any moment. */
    private static double descriptors(Path directory) throws IOException {
        try (Stream<Path> all = Files.list(directory)) {
            return all.count();
        }
    }

    private static double files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.count();
        }
    }

    /** What is alive in the heap, after a full collection. */
    private static String histogram(long pid) throws IOException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        TimedProcess.Outcome outcome = TimedProcess.of(
                        List.of(jcmd.toString(), Long.toString(pid), "GC.class_histogram"), Map.of())
                .run();
        if (outcome.exitCode() != 0) {
            throw new IOException("jcmd cannot look into the daemon: " + outcome.stdout());
        }
        return outcome.stdout();
    }

    private static double live(String histogram) throws IOException {
        Matcher found = TOTAL.matcher(histogram);
        if (!found.find()) {
            throw new IOException("there is no total in " + histogram);
        }
        return Double.parseDouble(found.group(1));
    }
}
