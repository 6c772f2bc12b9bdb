package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.testkit.Tool;

/**
 * What a daemon holds when it has nothing to do.
 *
 * @param vms processes of VMs
 * @param heapKb what is alive in its heap, after a full collection
 * @param files files and directories in its home
 */
record Holdings(long vms, long descriptors, long threads, long heapKb, long files) {
    private static final Pattern TOTAL = Pattern.compile("Total\\s+\\d+\\s+(\\d+)");
    /** The JVM's own pools let an idle thread go after a minute at most. */
    private static final Quiet THREADS = new Quiet(Duration.ofSeconds(1), 65, Duration.ofMinutes(5));

    static Holdings of(Sandbox sandbox, long daemon) throws IOException {
        // Whoever looks leaves a thread and a socket behind the first time.
        liveKb(daemon);
        long threads = (long) THREADS.await(0, () -> entries(daemon, "task"));
        // Counted by their names only: one may be closed at any moment.
        try (Stream<Path> files = Files.walk(sandbox.home().data())) {
            return new Holdings(
                    ProcFile.vmsOf(daemon).size(), entries(daemon, "fd"), threads, liveKb(daemon), files.count());
        }
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
