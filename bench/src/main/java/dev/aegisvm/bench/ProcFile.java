package dev.aegisvm.bench;

import module java.base;

/** What Linux tells about a process under {@code /proc}. */
final class ProcFile {
    private static final int UTIME = 14;
    private static final int STIME = 15;

    private ProcFile() {}

    /** CPU time that a process has used so far, user and system, in ticks of 10 ms. */
    static long cpuTicks(long pid) throws IOException {
        return cpuTicks(Files.readString(of(pid, "stat")));
    }

    /** The same of several. */
    static long cpuTicks(Collection<Long> pids) throws IOException {
        long ticks = 0;
        for (long pid : pids) {
            ticks += cpuTicks(pid);
        }
        return ticks;
    }

    /** The same, from the text of {@code stat}, whose second field can have blanks in it. */
    static long cpuTicks(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[UTIME - 3]) + Long.parseLong(fields[STIME - 3]);
    }

    static double residentMb(long pid) throws IOException {
        return status(pid, "VmRSS");
    }

    /** The most that it ever was, or was since {@link #forgetHighest}. */
    static double highestMb(long pid) throws IOException {
        return status(pid, "VmHWM");
    }

    private static double status(long pid, String line) throws IOException {
        return megabytes(Files.readString(of(pid, "status"))).getOrDefault(line, 0.0);
    }

    static void forgetHighest(long pid) throws IOException {
        Files.writeString(of(pid, "clear_refs"), "5");
    }

    /** What a process shares with no other: its anonymous pages. */
    static double uniqueMb(long pid) throws IOException {
        return status(pid, "RssAnon");
    }

    /** What the host could give to programs now. */
    static double availableMb() throws IOException {
        return megabytes(Files.readString(Path.of("/proc/meminfo"))).getOrDefault("MemAvailable", 0.0);
    }

    /** Reads lines such as {@code VmRSS:  1234 kB}, of 1024 bytes each; others are left out. */
    static Map<String, Double> megabytes(String text) {
        Map<String, Double> values = new HashMap<>();
        for (String line : text.split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.endsWith(" kB")) {
                String kilobytes = line.substring(colon + 1, line.length() - 3).strip();
                values.put(line.substring(0, colon), Long.parseLong(kilobytes) * 1.024 / 1000);
            }
        }
        return values;
    }

    static Path of(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
    }

    /** The first group of an expression in the command line of one of them, whose words end with NUL. */
    static String argument(Collection<Long> pids, Pattern pattern) throws IOException {
        for (long pid : pids) {
            Matcher found = pattern.matcher(Files.readString(of(pid, "cmdline")));
            if (found.find()) {
                return found.group(1);
            }
        }
        throw new IOException("no process has " + pattern + " in its command line");
    }

    /** The VMs of a daemon, whose launchers are its children. */
    static Set<Long> vmsOf(long daemon) {
        return ProcessHandle.of(daemon)
                .orElseThrow()
                .descendants()
                .filter(child -> child.info().command().orElse("").contains("qemu-system"))
                .map(ProcessHandle::pid)
                .collect(Collectors.toSet());
    }
}
