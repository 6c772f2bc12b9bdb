package dev.aegisvm.mcp;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonLauncher;
import dev.aegisvm.client.NotRunningException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** The way to the daemon. Every call has a connection of its own, so that a daemon that was restarted is noticed by nobody. */
final class Daemon {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    private final AegisHome home;
    private final Path program;

    /** @param program the executable {@code aegisd} */
    Daemon(AegisHome home, Path program) {
        this.home = home;
        this.program = program;
    }

    /** A client that is connected; starts the daemon when it does not run. */
    DaemonClient client(Progress progress) throws IOException {
        DaemonClient client = new DaemonClient(home.socket());
        try {
            client.connect();
        } catch (NotRunningException none) {
            progress.during("starting aegisd", () -> new DaemonLauncher(home, program, START_LIMIT).launch());
            client.connect();
        }
        return client;
    }
}
