package dev.aegisvm.vmm.net;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;

/**
 * Networks by passt(1): for each VM a process that turns the guest's frames into ordinary sockets of an unprivileged
 * process. No port leads in, and no address leads to the host's loopback.
 *
 * @param jail its launcher sees to it that passt gets no more rights
 */
public record Passt(Jail jail) {
    /** The name of its program, and of its processes. */
    public static final String NAME = "passt";

    /** What every guest sets on its interface. */
    public static final Network NETWORK = new Network("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3"));

    /** The socket that the VM's network device connects to. It may appear after the VM has started. */
    public static Path socket(Path runDirectory) {
        return runDirectory.resolve("passt.sock");
    }

    /**
     * Brings up the network of one VM, and returns its process when its {@link #socket} listens.
     *
     * @param down is run as soon as it is down, for whatever reason
     */
    ProcessIdentity open(Path runDirectory, Runnable down) throws VmmException {
        Path pidFile = runDirectory.resolve("passt.pid");
        try {
            Program.run(jail.plain(commandLine(socket(runDirectory), pidFile)));
            long pid = Long.parseLong(Files.readString(pidFile).trim());
            ProcessIdentity process = ProcessIdentity.of(pid);
            var _ = process.exit().thenRun(down);
            return process;
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
        try {
            return Files.readString(root.resolve("sys/module/apparmor/parameters/enabled"))
                    .startsWith("Y");
        } catch (IOException noAppArmor) {
            return false;
        }
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
