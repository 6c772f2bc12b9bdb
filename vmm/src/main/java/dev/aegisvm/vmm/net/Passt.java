package dev.aegisvm.vmm.net;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * The network of one VM by passt(1), a process that turns the guest's frames into ordinary sockets of an unprivileged
 * process. No port leads in, and no address leads to the host's loopback. One that ends while the VM lives is replaced
 * at once: the VM's device connects to it by itself, and connections that the guest had open are lost.
 */
public final class Passt implements AutoCloseable {
    /** The name of its program, and of its processes. */
    public static final String NAME = "passt";

    /** What every guest sets on its interface. */
    public static final Network NETWORK = new Network("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3"));

    /** A guest that can crash its network's process must not make us start processes without end. */
    static final int MAX_RESTARTS = 5;

    private static final Duration PERIOD = Duration.ofMinutes(1);

    /** When a VM ends, its network's process ends too, and may be seen to do so first. */
    private static final long VM_ENDS_MILLIS = 250;

    private final Jail jail;
    private final Path runDirectory;
    private final CompletableFuture<?> vmExit;
    private final Consumer<String> notices;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private ProcessIdentity process;
    private boolean closed;

    /**
     * Brings a network up.
     *
     * @param jail its launcher sees to it that passt gets no more rights
     * @param vmExit completes when the VM has ended, and with it its need for a network
     * @param notices is told in a sentence when it was replaced, or is lost
     */
    public Passt(Jail jail, Path runDirectory, CompletableFuture<?> vmExit, Consumer<String> notices)
            throws VmmException {
        this.jail = jail;
        this.runDirectory = runDirectory;
        this.vmExit = vmExit;
        this.notices = notices;
        this.process = open();
    }

    /** The socket that the VM's network device connects to. It may appear after the VM has started. */
    public static Path socket(Path runDirectory) {
        return runDirectory.resolve("passt.sock");
    }

    /** Returns its process when its {@link #socket} listens. */
    private ProcessIdentity open() throws VmmException {
        Path pidFile = runDirectory.resolve("passt.pid");
        try {
            Program.run(jail.plain(commandLine(socket(runDirectory), pidFile)));
            long pid = Long.parseLong(Files.readString(pidFile).trim());
            ProcessIdentity opened = ProcessIdentity.of(pid);
            var _ = opened.exit().thenRun(this::down);
            return opened;
        } catch (IOException e) {
            throw new VmmException(
                    "cannot start passt, the guest's network: " + e.getMessage(),
                    "Run `aegis doctor` to see what is missing, or use another network than `open`.",
                    e);
        }
    }

    /** Without {@code -f} passt goes to the background, and its parent ends, once it listens. */
    private List<String> commandLine(Path socket, Path pidFile) throws IOException {
        String options = "--quiet --one-off --ipv4-only --address 10.0.2.15 --netmask 24 --gateway 10.0.2.2"
                + " --dns-forward 10.0.2.3 --no-map-gw --no-dhcp --tcp-ports none --udp-ports none";
        List<String> command =
                new ArrayList<>(List.of(NAME, "--socket", socket.toString(), "--pid", pidFile.toString()));
        command.addAll(List.of(options.split(" ")));
        // Without it, root's passt becomes the user 'nobody'. Its group has the same number.
        jail.commonUid().ifPresent(own -> command.addAll(List.of("--runas", own + ":" + own)));
        return command;
    }

    /** It has ended, and is replaced if the VM lives on. */
    private void down() {
        CompletableFuture.delayedExecutor(
                        VM_ENDS_MILLIS,
                        TimeUnit.MILLISECONDS,
                        Thread.ofVirtual().name("network")::start)
                .execute(this::replace);
    }

    private synchronized void replace() {
        if (closed || vmExit.isDone()) {
            return;
        }
        if (tooOften()) {
            notices.accept("the network is lost: " + NAME + " ended more than " + MAX_RESTARTS + " times within "
                    + PERIOD.toSeconds() + " s; stop and start the instance to restore it");
            return;
        }
        try {
            process = open();
            notices.accept("the network's process (" + NAME + ") ended and was restarted; open connections are lost");
        } catch (VmmException obstacle) {
            notices.accept("the network is lost: " + NAME + " ended, and " + obstacle.getMessage());
        }
    }

    private boolean tooOften() {
        long now = System.nanoTime();
        while (!restarts.isEmpty() && now - restarts.peekFirst() > PERIOD.toNanos()) {
            restarts.removeFirst();
        }
        restarts.addLast(now);
        return restarts.size() > MAX_RESTARTS;
    }

    @Override
    public synchronized void close() {
        closed = true;
        process.kill(Posix.SIGKILL);
    }

    private static Finding namespaces() {
        String name = "namespaces";
        try {
            Program.run(List.of("unshare", "--user", "true"));
            return Finding.ok(name, "allowed");
        } catch (IOException obstacle) {
            return Finding.note(
                    name,
                    "passt needs a user namespace for --network open: " + obstacle.getMessage(),
                    "sysctl -w user.max_user_namespaces=16384; in a container, see docs/TROUBLESHOOTING.md");
        }
    }

    /**
     * Whether the sockets of VMs have to be below {@code /tmp} on this host: Debian's AppArmor profile of passt, where
     * it is in force, allows them there and in $HOME only.
     */
    public static boolean socketsBelowTmp(Path root) {
        return appArmor(root) && Files.exists(root.resolve("etc/apparmor.d/usr.bin.passt"));
    }

    private static boolean appArmor(Path root) {
        Optional<String> enabled = new Machine(root).read("sys/module/apparmor/parameters/enabled");
        return enabled.filter(word -> word.startsWith("Y")).isPresent();
    }

    /** What it needs of the host, and whether that is there. */
    public static List<Finding> check(Path root) {
        String profile = appArmor(root) ? "has no profile for passt" : "not enforced";
        return List.of(
                Program.find(NAME)
                        .map(path -> Finding.ok(NAME, path.toString()))
                        .orElseGet(() -> Finding.note(
                                NAME, "missing: instances with --network open cannot start", Finding.install(NAME))),
                namespaces(),
                Finding.ok(
                        "apparmor",
                        socketsBelowTmp(root)
                                ? "its profile for passt is enforced; therefore the VMs' sockets are in /tmp"
                                : profile));
    }
}
