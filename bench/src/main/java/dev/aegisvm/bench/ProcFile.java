package dev.aegisvm.bench;

import module java.base;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.host.ProcessIdentity.Usage;

/** What Linux tells about processes of a daemon; memory is in MB. */
final class ProcFile {
    private ProcFile() {}

    private static Usage usage(long pid) throws IOException {
        return ProcessIdentity.of(pid).usage().orElseThrow(() -> new IOException("process " + pid + " has ended"));
    }

    /** CPU time that processes have used so far, user and system, in milliseconds. */
    static double cpuMillis(Collection<Long> pids) throws IOException {
        double millis = 0;
        for (long pid : pids) {
            millis += usage(pid).cpu().toMillis();
        }
        return millis;
    }

    static double residentMb(long pid) throws IOException {
        Usage usage = usage(pid);
        return (usage.uniqueBytes() + usage.sharedBytes()) / 1e6;
    }

    /** What a process shares with no other: its anonymous pages. */
    static double uniqueMb(long pid) throws IOException {
        return usage(pid).uniqueBytes() / 1e6;
    }

    /** The most memory that it ever had, or had since {@link #forgetHighest}. */
    static double highestMb(long pid) throws IOException {
        return Double.parseDouble(Sandbox.found("VmHWM:\\s+(\\d+) kB", of(pid, "status"))) * 1024 / 1e6;
    }

    static void forgetHighest(long pid) throws IOException {
        Files.writeString(of(pid, "clear_refs"), "5");
    }

    /** How many descriptors or threads it has, which is {@code fd} or {@code task}. */
    static long entries(long pid, String name) throws IOException {
        try (Stream<Path> entries = Files.list(of(pid, name))) {
            return entries.count();
        }
    }

    private static Path of(long pid, String name) {
        return Path.of("/proc", Long.toString(pid), name);
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
