package dev.aegisvm.host;

import module java.base;

/**
 * What a process has used and holds, as the kernel counts it (proc(5)). To look costs some 50 µs however large the
 * process is, and a stopped process stays stopped. {@code smaps_rollup} would be exact, but walks all its pages, and is
 * closed to users whose VMs have uids of their own.
 *
 * @param cpu time of all its threads since it started, to 10 ms
 * @param uniqueBytes memory that it alone has: pages of no file, to which a private mapping's pages turn when they are
 *     written
 * @param sharedBytes memory of files, which others who map them have as well
 */
public record ProcessUsage(Duration cpu, long uniqueBytes, long sharedBytes) {
    private static final int USER_TIME_AFTER_NAME = 11;
    private static final int SYSTEM_TIME_AFTER_NAME = 12;
    /** The unit of both: {@code USER_HZ} is 100. */
    private static final long TICK_MILLIS = 10;

    /** Of this very process; empty when it has ended. */
    public static Optional<ProcessUsage> of(ProcessIdentity process) {
        try {
            String[] stat = process.stat();
            long ticks = Long.parseLong(stat[USER_TIME_AFTER_NAME]) + Long.parseLong(stat[SYSTEM_TIME_AFTER_NAME]);
            String status = process.status();
            return Optional.of(new ProcessUsage(
                    Duration.ofMillis(ticks * TICK_MILLIS),
                    bytes(status, "RssAnon:"),
                    bytes(status, "RssFile:") + bytes(status, "RssShmem:")));
        } catch (IOException ended) {
            return Optional.empty();
        }
    }

    /** The kernel writes {@code RssAnon:     123 kB}; a process that is about to end has no such line. */
    private static long bytes(String status, String name) {
        int at = status.indexOf(name);
        int end = status.indexOf(" kB", at);
        return at < 0 || end < 0
                ? 0
                : Long.parseLong(status.substring(at + name.length(), end).strip()) << 10;
    }
}
