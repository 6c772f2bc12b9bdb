package dev.aegisvm.bench;

import dev.aegisvm.api.AegisHome;
import dev.aegisvm.api.CreateInstance;
import dev.aegisvm.client.DaemonClient;
import dev.aegisvm.client.DaemonLauncher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A home in which all instances are stopped, and no daemon runs but while one is timed. They are made through the API like any
 * other, on a daemon that has no QEMU, so that a thousand of them take seconds: each has a record, a log and a directory.
 */
final class StoppedHome implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final Sandbox sandbox;
    private final AegisHome home;
    private final int instances;

    private StoppedHome(Sandbox sandbox, AegisHome home, int instances) {
        this.sandbox = sandbox;
        this.home = home;
        this.instances = instances;
    }

    static StoppedHome with(Sandbox sandbox, int instances) throws IOException {
        Path root = Files.createTempDirectory("aegis-bench");
        StoppedHome made = new StoppedHome(sandbox, new AegisHome(root, sandbox.cache()), instances);
        made.fill();
        return made;
    }

    private void fill() throws IOException {
        Path tools = Files.createDirectories(home.root().resolve("tools"));
        // A cache of its own: what that daemon finds out about its QEMU is nobody else's business.
        AegisHome withoutQemu = new AegisHome(home.root(), Files.createDirectories(tools.resolve("cache")));
        Files.copy(home.cache().resolve("guest.properties"), withoutQemu.cache().resolve("guest.properties"));
        script(tools.resolve("qemu-system-x86_64"), "exit 1");
        Path daemon = script(
                tools.resolve("aegisd"),
                "AEGIS_ACCEL=tcg PATH='" + tools + "':\"$PATH\" exec '" + sandbox.program("aegisd") + "'");
        new DaemonLauncher(withoutQemu, daemon, PATIENCE).launch();
        try {
            AtOnce.run(home.socket(), instances, client -> client.create(CreateInstance.of(List.of("true"))));
        } finally {
            down();
        }
    }

    private static Path script(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** Starts a daemon and ends it again; returns the milliseconds from its spawn to its first answer. */
    double start() throws IOException {
        try (DaemonClient client = new DaemonClient(home.socket())) {
            long begin = System.nanoTime();
            new DaemonLauncher(home, sandbox.program("aegisd"), PATIENCE).launch();
            client.status();
            double millis = (System.nanoTime() - begin) / 1e6;
            int stopped = client.list("stopped").size();
            if (stopped != instances) {
                throw new IOException("there are " + stopped + " stopped instances, not " + instances);
            }
            return millis;
        } finally {
            down();
        }
    }

    private void down() throws IOException {
        TimedProcess.Outcome down = TimedProcess.of(
                        List.of(sandbox.program("aegis").toString(), "down"),
                        Map.of(
                                "AEGIS_HOME", home.root().toString(),
                                "AEGIS_CACHE", home.cache().toString()))
                .run();
        if (down.exitCode() != 0) {
            throw new IOException("`aegis down` ended with " + down.exitCode() + " in " + home.root());
        }
    }

    @Override
    public void close() throws IOException {
        Sandbox.remove(home.root());
    }
}
