package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/** What a daemon holds when it has nothing to do, by what it is. */
final class Holdings {
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
