package dev.aegisvm.testkit;

import module java.base;

/**
 * A world in network namespaces of its own, as {@code world/small-world.sh} says. An ordinary user makes them as root
 * of a user namespace; on the host of the world they are themselves again.
 */
public final class TestWorld implements Closeable {
    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Process holder;
    private final Path directory;

    private TestWorld(Process holder, Path directory) {
        this.holder = holder;
        this.directory = directory;
    }

    public static TestWorld create(Path checkout) throws IOException {
        Path directory = Files.createTempDirectory("aegis-world-");
        String script = checkout.resolve("testkit/world/small-world.sh").toString();
        List<String> command = new ArrayList<>(List.of("unshare", "--net", "--mount"));
        if (!ROOT) {
            command.addAll(List.of("--map-root-user", "--map-auto"));
        }
        command.addAll(List.of("sh", script, directory.toString()));
        Process holder = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = holder.inputReader().readLine();
        if (!"ready".equals(said)) {
            throw new IOException("the namespaces cannot be made: " + said);
        }
        return new TestWorld(holder, directory);
    }

    /** Has what a home prepares from now on run on the host of this world, and trust the authority for its servers. */
    public void takeIn(TestHome home) throws IOException {
        List<String> entrance =
                new ArrayList<>(List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--mount"));
        if (!ROOT) {
            entrance.addAll(List.of("--user", "--preserve-credentials", "unshare"));
            entrance.add("--map-user=" + Files.getAttribute(directory, "unix:uid"));
            entrance.add("--map-group=" + Files.getAttribute(directory, "unix:gid"));
        }
        home.within(entrance);
        home.environment()
                .put("SSL_CERT_FILE", directory.resolve("authority.pem").toString());
    }

    /** Where what its servers saw ({@code seen}) is. */
    public Path directory() {
        return directory;
    }

    /** Ends it, when nothing of its host runs any more. */
    @Override
    public void close() throws IOException {
        holder.getOutputStream().close();
        try {
            if (!holder.waitFor(10, TimeUnit.SECONDS)) {
                holder.destroyForcibly();
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        TestHome.delete(directory);
    }
}
