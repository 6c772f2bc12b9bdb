package dev.aegisvm.host;

import module java.base;

/**
 * One process for all time: pids come back, the pair of boot and start time does not.
 *
 * @param startTicks clock ticks from the boot to the process's start, field 22 of {@code /proc/PID/stat} (proc(5))
 * @param bootId the kernel's {@code /proc/sys/kernel/random/boot_id}
 */
public record ProcessIdentity(long pid, long startTicks, String bootId) {
    private static final Path PROC = Path.of("/proc");
    private static final int USER_TIME_AFTER_NAME = 11;
    private static final int SYSTEM_TIME_AFTER_NAME = 12;
    /** The unit of both: {@code USER_HZ} is 100. */
    private static final long TICK_MILLIS = 10;

    private static final int START_TIME_AFTER_NAME = 19;
    private static final int NO_LIMIT = -1;
    private static final int WATCHER_STACK = 128 * 1024;

    /**
     * The identity of a process that runs now.
     *
     * @throws IOException if there is none with this pid
     */
    public static ProcessIdentity of(long pid) throws IOException {
        return new ProcessIdentity(pid, startTicksOf(pid), currentBootId());
    }

    /**
     * The processes of this host whose command line is of a kind. Each is looked at once more when it is held by its
     * identity, so that none is meant that took a pid over.
     *
     * @param kind is given the arguments, the program's name first
     */
    public static List<ProcessIdentity> matching(Predicate<List<String>> kind) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> kind.test(commandLine(pid)))
                .flatMap(pid -> held(pid).stream())
                .filter(process -> kind.test(commandLine(process.pid)))
                .toList();
    }

    /** The process that runs now with this pid, if there is one. */
    public static Optional<ProcessIdentity> held(long pid) {
        try {
            return Optional.of(of(pid));
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    /** The arguments that a process was started with, its program's name first; empty if there is no such process. */
    public static List<String> commandLine(long pid) {
        try {
            String line = Files.readString(PROC.resolve(pid + "/cmdline"), StandardCharsets.ISO_8859_1);
            return line.isEmpty() ? List.of() : List.of(line.split("\0"));
        } catch (IOException gone) {
            return List.of();
        }
    }

    /** Whether the very same process still exists (a zombie counts as gone). */
    public boolean alive() {
        try {
            return bootId.equals(currentBootId()) && startTicksOf(pid) == startTicks;
        } catch (IOException gone) {
            return false;
        }
    }

    /**
     * Sends a signal to this process and no other: it is held by a pidfd before its start time is compared.
     *
     * @return false if the process is gone
     */
    public boolean kill(int signal) {
        return whileHeld(pidfd -> Posix.pidfdSendSignal(pidfd, signal));
    }

    /** Waits until this process has ended; false if it has not after so long. */
    public boolean awaitEnd(Duration limit) {
        return !whileHeld(pidfd -> {
            Posix.awaitEnd(pidfd, Math.toIntExact(limit.toMillis()));
            return alive();
        });
    }

    /** What a step with its pidfd returns; false if the process is gone. */
    private boolean whileHeld(IntPredicate step) {
        int pidfd = Posix.pidfdOpen(pid);
        try {
            return pidfd >= 0 && alive() && step.test(pidfd);
        } finally {
            Posix.close(pidfd);
        }
    }

    /**
     * Completes as soon as the process has ended, child of ours or not. A small thread waits for it in the kernel.
     *
     * @throws IOException if the process lives and cannot be watched, for want of file descriptors, say
     */
    public CompletableFuture<Void> exit() throws IOException {
        int pidfd = Posix.pidfdOpen(pid);
        if (!alive()) {
            Posix.close(pidfd);
            return CompletableFuture.completedFuture(null);
        }
        if (pidfd < 0) {
            throw new IOException("cannot watch process " + pid);
        }
        CompletableFuture<Void> ended = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("end-of-" + pid)
                .daemon()
                .stackSize(WATCHER_STACK)
                .start(() -> {
                    while (alive()) {
                        Posix.awaitEnd(pidfd, NO_LIMIT);
                    }
                    Posix.close(pidfd);
                    Thread.ofVirtual().start(() -> ended.complete(null));
                });
        return ended;
    }

    private static String currentBootId() throws IOException {
        return new Machine().bootId().orElseThrow(() -> new IOException("cannot read /proc/sys/kernel/random/boot_id"));
    }

    private static long startTicksOf(long pid) throws IOException {
        return Long.parseLong(stat(pid)[START_TIME_AFTER_NAME]);
    }

    /**
     * What a process has used and holds, as the kernel counts it (proc(5)). {@code smaps_rollup} would be exact, but
     * walks all its pages, and is closed to users whose VMs have uids of their own.
     *
     * @param cpu time of all its threads since it started, to 10 ms
     * @param uniqueBytes memory that it alone has: pages of no file, to which a private mapping's pages turn when they
     *     are written
     * @param sharedBytes memory of files, which others who map them have as well
     */
    public record Usage(Duration cpu, long uniqueBytes, long sharedBytes) {}

    /**
     * Of this very process; empty when it has ended. To look costs some 50 µs however large the process is, and a
     * stopped process stays stopped.
     */
    public Optional<Usage> usage() {
        try {
            String[] fields = stat(pid);
            if (Long.parseLong(fields[START_TIME_AFTER_NAME]) != startTicks) {
                return Optional.empty();
            }
            long ticks = Long.parseLong(fields[USER_TIME_AFTER_NAME]) + Long.parseLong(fields[SYSTEM_TIME_AFTER_NAME]);
            String status = Files.readString(PROC.resolve(pid + "/status"));
            return Optional.of(new Usage(
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

    /** The fields of {@code /proc/PID/stat} behind the name. */
    private static String[] stat(long pid) throws IOException {
        String stat = Files.readString(PROC.resolve(pid + "/stat"));
        // The name in parentheses may contain anything, so count from its end.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        if (fields[0].equals("Z") || fields[0].equals("X")) {
            throw new IOException("process " + pid + " has exited");
        }
        return fields;
    }
}
