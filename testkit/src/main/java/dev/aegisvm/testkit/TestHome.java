package dev.aegisvm.testkit;

import module java.base;

/**
 * A temporary home for the programs of this checkout, and their environment: small, with the {@code PATH} of an
 * ordinary user's login shell. The guest's kernel, images and templates are in the cache, which homes share.
 */
public final class TestHome {
    /** What Debian gives an ordinary user: it leads to no {@code sbin}. */
    public static final String PATH = "/usr/local/bin:/usr/bin:/bin";

    private final Path directory;
    private final Path programs;
    private final Map<String, String> environment = new TreeMap<>();
    private List<String> entrance = List.of();

    private TestHome(Path directory, Path programs) {
        this.directory = directory;
        this.programs = programs;
        environment.putAll(System.getenv());
        environment.keySet().removeIf(name -> !name.startsWith("AEGIS_"));
        environment.put("PATH", PATH);
        environment.put("HOME", directory.toString());
        environment.put("TERM", "xterm");
        environment.put("AEGIS_HOME", directory.toString());
        environment.put("AEGIS_CACHE", sharedCache().toString());
        // What was found out about KVM is found out once for all homes.
        environment.put(
                "XDG_CACHE_HOME", System.getenv().getOrDefault("XDG_CACHE_HOME", System.getenv("HOME") + "/.cache"));
        // Each VM of a home is an instance's, unless a test asks for a spare.
        environment.put("AEGIS_SPARES", "0");
        // Several daemons run at a time, and the user's own beside them.
        environment.put("AEGIS_ROUTER_ADDR", "127.0.0.1:0");
    }

    /** A new one, empty, for {@code aegis}, {@code aegisd} and {@code aegis-mcp} of this directory. */
    public static TestHome create(Path programs) throws IOException {
        return new TestHome(
                Files.createTempDirectory("aegis-test-"),
                programs.toAbsolutePath().normalize());
    }

    /** Where {@code make prepare} puts the guest. */
    public static Path sharedCache() {
        Map<String, String> ours = System.getenv();
        String home = ours.getOrDefault("AEGIS_HOME", ours.get("HOME") + "/.aegis");
        return Path.of(ours.getOrDefault("AEGIS_CACHE", home + "/cache"));
    }

    public Path directory() {
        return directory;
    }

    /** What the programs get, and nothing else. */
    public Map<String, String> environment() {
        return environment;
    }

    public Path program(String name) {
        return programs.resolve(name);
    }

    public List<String> command(String program, String... arguments) {
        return Stream.concat(Stream.of(program(program).toString()), Stream.of(arguments))
                .toList();
    }

    /** Puts words before each command that is prepared from now on. */
    public void within(List<String> words) {
        entrance = words;
    }

    public ProcessBuilder prepare(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(
                Stream.concat(entrance.stream(), command.stream()).toList());
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder;
    }

    /** Deletes it; the daemon has ended. */
    public void delete() throws IOException {
        delete(directory);
    }

    public static void delete(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
