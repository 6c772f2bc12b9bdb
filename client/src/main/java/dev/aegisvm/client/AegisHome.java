package dev.aegisvm.client;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a client finds what belongs to a user's AegisVM.
 *
 * @param root absolute; {@code $HOME/.aegis}, or what {@code AEGIS_HOME} says
 * @param cache absolute; prepared guests and templates; inside the root, or what {@code AEGIS_CACHE} says
 */
public record AegisHome(Path root, Path cache) {
    /** The places that the environment names. */
    public static AegisHome of(Map<String, String> environment) {
        String home = environment.get("AEGIS_HOME");
        Path root = home == null || home.isEmpty()
                ? Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")), ".aegis")
                : Path.of(home).toAbsolutePath();
        String cache = environment.get("AEGIS_CACHE");
        return new AegisHome(
                root,
                cache == null || cache.isEmpty()
                        ? root.resolve("cache")
                        : Path.of(cache).toAbsolutePath());
    }

    /** The socket on which the daemon answers. */
    public Path socket() {
        return root.resolve("aegisd.sock");
    }

    /** The directory of what the daemon keeps. */
    public Path data() {
        return root.resolve("data");
    }

    /** The process id of the daemon, in decimal. */
    public Path pidFile() {
        return data().resolve("aegisd.pid");
    }

    /** Locked by the daemon as long as its process is there. */
    public Path daemonLock() {
        return data().resolve("aegisd.lock");
    }

    /** What a daemon in the background says. */
    public Path daemonLog() {
        return data().resolve("aegisd.log");
    }

    /** Held by the client that starts the daemon, so that two clients start one. */
    public Path startLock() {
        return data().resolve("start.lock");
    }
}
