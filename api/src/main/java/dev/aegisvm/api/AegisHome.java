package dev.aegisvm.api;

import module java.base;

/** Where a user's AegisVM has what its programs share: the daemon makes it, clients find it. */
public interface AegisHome {
    String VARIABLE = "AEGIS_HOME";
    String CACHE_VARIABLE = "AEGIS_CACHE";

    /** In the cache: names the prepared guest's files. */
    String GUEST_PROPERTIES = "guest.properties";

    /** An absolute path. */
    Path root();

    /** Of prepared guests and templates; an absolute path, in the root unless {@code AEGIS_CACHE} says otherwise. */
    Path cache();

    /** As a client finds it. */
    record Places(Path root, Path cache) implements AegisHome {}

    static AegisHome of(Map<String, String> environment) {
        String home = environment.getOrDefault(VARIABLE, "");
        Path root = home.isEmpty() ? user(environment).resolve(".aegis") : absolute(home);
        String cache = environment.getOrDefault(CACHE_VARIABLE, "");
        return new Places(root, cache.isEmpty() ? root.resolve("cache") : absolute(cache));
    }

    static Path user(Map<String, String> environment) {
        return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
    }

    /** A path that a user wrote, in which {@code ~} is the home directory. */
    static String expanded(String path, Path user) {
        return path.equals("~") || path.startsWith("~/") ? user + path.substring(1) : path;
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    default Path config() {
        return root().resolve("config.toml");
    }

    /** The socket on which the daemon answers; only its owner may connect. */
    default Path socket() {
        return root().resolve("aegisd.sock");
    }

    default Path data() {
        return root().resolve("data");
    }

    /** The named workspaces, a directory each. What is in them is the user's, who alone has it deleted. */
    default Path workspaces() {
        return data().resolve("workspaces");
    }

    /** There when the daemon answers: its process id, in decimal. */
    default Path pidFile() {
        return data().resolve("aegisd.pid");
    }

    /** Locked by the daemon as long as it lives; its content names the pid for the daemon that is refused. */
    default Path daemonLock() {
        return data().resolve("aegisd.lock");
    }

    /** What a daemon in the background says. */
    default Path daemonLog() {
        return data().resolve("aegisd.log");
    }

    /** Held by the client that starts the daemon, so that two clients start one. */
    default Path startLock() {
        return data().resolve("start.lock");
    }
}
