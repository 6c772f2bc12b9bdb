package dev.aegisvm.daemon;

import dev.aegisvm.daemon.fake.FakeVmm;
import dev.aegisvm.daemon.home.Config;
import dev.aegisvm.daemon.home.Home;
import dev.aegisvm.daemon.home.HomeException;
import dev.aegisvm.daemon.home.PrivateDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A daemon on a home of its own and a fake hypervisor, as a test needs it. */
final class DaemonHarness implements AutoCloseable {
    final FakeVmm vmm = new FakeVmm();
    final Home home;
    final Http http;
    private final Map<String, String> environment = new HashMap<>();
    private Daemon daemon;

    private DaemonHarness(Path directory) throws IOException, HomeException {
        environment.put("AEGIS_HOME", directory.resolve("home").toString());
        this.home = Home.of(environment, PrivateDirectory.ourUid());
        this.http = new Http(home.socket());
        this.daemon = Daemon.open(home, Config.read(home.config(), environment), vmm);
    }

    static DaemonHarness open(Path directory) throws IOException, HomeException {
        return new DaemonHarness(directory);
    }

    /** Ends the daemon in good order and starts another one on the same home. */
    void restart() throws HomeException {
        daemon.close();
        daemon = Daemon.open(home, Config.read(home.config(), environment), vmm);
    }

    @Override
    public void close() {
        daemon.close();
    }
}
