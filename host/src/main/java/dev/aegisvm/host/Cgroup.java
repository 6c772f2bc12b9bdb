package dev.aegisvm.host;

import module java.base;
import java.lang.System.Logger.Level;

/**
 * The cgroup of this process, where it was delegated to us: systemd does that for a unit with {@code Delegate=yes}.
 * Each program in a jail gets one below it that limits its memory. See cgroups(7), and "Delegation" in
 * systemd.resource-control(5).
 */
public final class Cgroup {
    private static final System.Logger LOG = System.getLogger(Cgroup.class.getName());
    /** Set by systemd to 1. */
    private static final String DELEGATE = "user:delegate";

    private static final String PROCESSES = "cgroup.procs";
    private static final String OURS = "aegisd";
    private static final String JAIL = "jail-";

    private final Optional<Path> directory;
    private final Wall wall;
    private final AtomicLong jails = new AtomicLong();

    private Cgroup(Optional<Path> directory, String obstacle) {
        this.directory = directory;
        this.wall = new Wall("memory", directory.isPresent(), obstacle);
    }

    /** One that limits nothing. */
    public static Cgroup none(String reason) {
        return new Cgroup(Optional.empty(), reason);
    }

    /** Ours, or one that limits nothing where ours was not delegated. */
    public static Cgroup delegated() {
        try {
            Machine here = new Machine();
            return at(
                    here.root().resolve(here.cgroup().orElseThrow(() -> new IOException("the host has no cgroup v2"))));
        } catch (IOException obstacle) {
            return none(String.valueOf(obstacle.getMessage()));
        }
    }

    /** Takes one over. No cgroup has both processes and limits for those below it, so we move to one below it. */
    static Cgroup at(Path directory) throws IOException {
        if (!isDelegated(directory)) {
            throw new IOException("the daemon's cgroup is not delegated to it (Delegate=yes in its unit)");
        }
        if (!Files.readString(directory.resolve("cgroup.controllers")).contains("memory")) {
            throw new IOException("the daemon's cgroup has no memory controller");
        }
        removeEmpty(directory);
        Path ours = Files.createDirectories(directory.resolve(OURS)).resolve(PROCESSES);
        for (String pid : Files.readAllLines(directory.resolve(PROCESSES))) {
            move(pid, ours);
        }
        Files.writeString(directory.resolve("cgroup.subtree_control"), "+memory");
        return new Cgroup(Optional.of(directory), "");
    }

    private static boolean isDelegated(Path directory) {
        try {
            return Arrays.equals((byte[]) Files.getAttribute(directory, DELEGATE), new byte[] {'1'});
        } catch (IOException | UnsupportedOperationException notSet) {
            return false;
        }
    }

    /** One that has ended meanwhile is no obstacle, and of one that stays the kernel tells next. */
    private static void move(String pid, Path ours) {
        try {
            Files.writeString(ours, pid);
        } catch (IOException stays) {
            LOG.log(Level.DEBUG, "process " + pid + " cannot be moved to another cgroup: " + stays.getMessage());
        }
    }

    public Wall wall() {
        return wall;
    }

    /** What an earlier daemon left. */
    private static void removeEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(directory, JAIL + "*")) {
            left.forEach(Cgroup::remove);
        }
    }

    /** The kernel refuses where a process is left; the next daemon tries again. */
    private static void remove(Path cgroup) {
        var _ = cgroup.toFile().delete();
    }

    /**
     * Limits a process, and those that it starts.
     *
     * @param bytes how much memory it may have; when it needs more, it is killed
     * @return removes the limit, after its end
     */
    Runnable limit(long pid, long bytes) throws IOException {
        if (directory.isEmpty()) {
            return () -> {};
        }
        String name = JAIL + ProcessHandle.current().pid() + "-" + jails.incrementAndGet();
        Path cgroup = Files.createDirectory(directory.get().resolve(name));
        Files.writeString(cgroup.resolve("memory.max"), Long.toString(bytes));
        Files.writeString(cgroup.resolve(PROCESSES), Long.toString(pid));
        return () -> remove(cgroup);
    }
}
