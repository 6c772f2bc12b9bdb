package dev.aegisvm.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What Linux tells about a process under {@code /proc}. */
final class ProcFile {
    private static final int UTIME = 14;
    private static final int STIME = 15;
    private static final int STEADY_SECONDS = 65;
    private static final int LIMIT_SECONDS = 300;
    private static final long SECOND_NANOS = 1_000_000_000;
    private static final double KB_PER_MB = 1000;

    private ProcFile() {}

    /** CPU time that a process has used so far, user and system, in ticks of 10 ms. */
    static long cpuTicks(long pid) throws IOException {
        return cpuTicks(Files.readString(file(pid, "stat")));
    }

    /** The same, from the text of {@code stat}, whose second field can have blanks in it. */
    static long cpuTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[UTIME - 3]) + Long.parseLong(fields[STIME - 3]);
    }

    /** The resident memory of a process in MB. */
    static double residentMb(long pid) throws IOException {
        return megabytes(pid, "VmRSS");
    }

    /** The most that it ever was, or was since {@link #forgetHighest}. */
    static double highestMb(long pid) throws IOException {
        return megabytes(pid, "VmHWM");
    }

    static void forgetHighest(long pid) throws IOException {
        Files.writeString(file(pid, "clear_refs"), "5");
    }

    private static double megabytes(long pid, String line) throws IOException {
        return kilobytes(Files.readString(file(pid, "status"))).getOrDefault(line, 0L) * 1.024 / KB_PER_MB;
    }

    /** The lines of {@code smaps_rollup}, in kB. */
    static Map<String, Long> mappings(long pid) throws IOException {
        return kilobytes(Files.readString(file(pid, "smaps_rollup")));
    }

    /** Reads lines such as {@code VmRSS:  1234 kB}; others are left out. */
    static Map<String, Long> kilobytes(String text) {
        Map<String, Long> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.endsWith(" kB")) {
                values.put(
                        line.substring(0, colon),
                        Long.parseLong(
                                line.substring(colon + 1, line.length() - 3).strip()));
            }
        }
        return values;
    }

    /** The program's name, at most 15 characters of it. */
    static String name(long pid) throws IOException {
        return Files.readString(file(pid, "comm")).strip();
    }

    private static Path file(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }

    /** The words that a process was started with. */
    static List<String> commandLine(long pid) throws IOException {
        return List.of(Files.readString(file(pid, "cmdline")).split("\0", -1)).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The VMs of a daemon, which are its children. */
    static Set<Long> vmsOf(long daemon) throws IOException {
        Set<Long> vms = new LinkedHashSet<>();
        List<Long> children = ProcessHandle.of(daemon)
                .orElseThrow()
                .children()
                .map(ProcessHandle::pid)
                .toList();
        for (long child : children) {
            if (name(child).startsWith("qemu-system")) {
                vms.add(child);
            }
        }
        if (vms.isEmpty()) {
            throw new IOException("the daemon " + daemon + " has no VM among its children " + children);
        }
        return vms;
    }

    /**
     * How many threads a process keeps: the number that has not changed for 65 s. The JVM's own pools let an idle thread go
     * after a minute at most.
     *
     * @throws IOException when it does not come to rest within five minutes
     */
    static double steadyThreads(long pid) throws IOException {
        double last = threads(pid);
        int steady = 0;
        for (int second = 0; second < LIMIT_SECONDS; second++) {
            LockSupport.parkNanos(SECOND_NANOS);
            double now = threads(pid);
            steady = now == last ? steady + 1 : 0;
            last = now;
            if (steady >= STEADY_SECONDS) {
                return last;
            }
        }
        throw new IOException("the number of threads does not come to rest within " + LIMIT_SECONDS + " s: " + last);
    }

    private static double threads(long pid) throws IOException {
        try (Stream<Path> tasks = Files.list(file(pid, "task"))) {
            return tasks.count();
        }
    }
}
