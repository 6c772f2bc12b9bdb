package dev.aegisvm.api;

import module java.base;

/**
 * Where a user's AegisVM has what its programs share: the daemon makes it, clients find it. Both paths are absolute.
 * The cache, of prepared guests and templates, is in the root unless {@code AEGIS_CACHE} says otherwise.
 */
public record AegisHome(Path root, Path cache) {
    public static final String VARIABLE = "AEGIS_HOME";
    public static final String CACHE_VARIABLE = "AEGIS_CACHE";

    /** In the cache: names the prepared guest's files. */
    public static final String GUEST_PROPERTIES = "guest.properties";

    public static AegisHome of(Map<String, String> environment) {
        String home = environment.getOrDefault(VARIABLE, "");
        Path root = home.isEmpty() ? user(environment).resolve(".aegis") : absolute(home);
        String cache = environment.getOrDefault(CACHE_VARIABLE, "");
        return new AegisHome(root, cache.isEmpty() ? root.resolve("cache") : absolute(cache));
    }

    public static Path user(Map<String, String> environment) {
        return Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
    }

    /** A path that a user wrote, in which {@code ~} is the home directory. */
    public static String expanded(String path, Path user) {
        return path.equals("~") || path.startsWith("~/") ? user + path.substring(1) : path;
    }

    private static Path absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize();
    }

    public Path config() {
        return root.resolve("config.toml");
    }

    /** The socket on which the daemon answers; only its owner may connect. */
    public Path socket() {
        return root.resolve("aegisd.sock");
    }

    public Path data() {
        return root.resolve("data");
    }

    /** Whether no daemon has had it so far. */
    public boolean isNew() {
        return Files.notExists(data()) && Files.notExists(socket());
    }

    /** There when the daemon answers: its process id, in decimal. */
    public Path pidFile() {
        return data().resolve("aegisd.pid");
    }

    /** Locked by the daemon as long as it lives; its content names the pid for the daemon that is refused. */
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
