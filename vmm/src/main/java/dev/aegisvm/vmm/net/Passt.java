package dev.aegisvm.vmm.net;

import dev.aegisvm.host.Posix;
import dev.aegisvm.host.ProcessIdentity;
import dev.aegisvm.host.Program;
import dev.aegisvm.vmm.NetworkConfig;
import dev.aegisvm.vmm.VmmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One guest's way to the outside: a passt(1) process that turns the guest's frames into ordinary sockets of an
 * unprivileged process. No port leads in, and no address leads to the host's loopback.
 */
public final class Passt implements AutoCloseable {
    /** What every guest is told; each guest is alone on its network, so they can all have the same addresses. */
    public static final NetworkConfig GUEST = new NetworkConfig("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3"));

    private final ProcessIdentity process;
    private final CompletableFuture<Void> exit;

    private Passt(ProcessIdentity process) throws IOException {
        this.process = process;
        this.exit = process.exit();
    }

    /** Completes as soon as it has ended, for whatever reason. */
    CompletableFuture<Void> exit() {
        return exit;
    }

    /** The socket that the VM's network device connects to; it appears when passt listens. */
    public static Path socket(Path runDirectory) {
        return runDirectory.resolve("passt.sock");
    }

    /** Starts a passt that listens on the directory's {@link #socket}, and returns when it does. */
    public static Passt start(Path runDirectory) throws VmmException {
        Path socket = socket(runDirectory);
        Path pidFile = runDirectory.resolve("passt.pid");
        try {
            Program.run(commandLine(socket, pidFile));
            long pid = Long.parseLong(Files.readString(pidFile).trim());
            return new Passt(ProcessIdentity.of(pid));
        } catch (IOException e) {
            throw new VmmException(
                    "cannot start passt, the guest's network: " + e.getMessage(),
                    "Install passt (apt-get install passt); `aegis doctor` checks it.",
                    e);
        }
    }

    /** Without {@code -f} passt goes to the background, and its parent ends, once it listens. */
    static List<String> commandLine(Path socket, Path pidFile) {
        return List.of(
                "passt",
                "--quiet",
                "--one-off",
                "--socket",
                socket.toString(),
                "--pid",
                pidFile.toString(),
                "--ipv4-only",
                "--address",
                "10.0.2.15",
                "--netmask",
                "24",
                "--gateway",
                "10.0.2.2",
                "--dns-forward",
                "10.0.2.3",
                "--no-map-gw",
                "--no-dhcp",
                "--tcp-ports",
                "none",
                "--udp-ports",
                "none");
    }

    public boolean alive() {
        return process.alive();
    }

    @Override
    public void close() {
        process.kill(Posix.SIGKILL);
    }
}
