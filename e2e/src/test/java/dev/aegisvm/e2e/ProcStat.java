package dev.aegisvm.e2e;

import static org.awaitility.Awaitility.await;

import module java.base;

/**
 * What Linux tells of a process in {@code /proc/PID/stat}.
 *
 * @param state {@code R}, {@code S}, {@code T} for a stopped one, …
 * @param cpuTicks CPU time that it has used so far, user and system, in ticks of 10 ms
 */
record ProcStat(char state, long cpuTicks) {
    private static final char STOPPED = 'T';

    // Counted from the state, which follows the name in parentheses.
    private static final int UTIME = 11;
    private static final int STIME = 12;

    static ProcStat of(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new ProcStat(fields[0].charAt(0), Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]));
    }

    /** Waits until a process is stopped: it got the signal, and acts on it when it next has a processor. */
    static ProcStat stopped(long pid) {
        return await().until(() -> of(pid), ProcStat::isStopped);
    }

    boolean isStopped() {
        return state == STOPPED;
    }
}
