package dev.aegisvm.testkit;

import module java.base;

/** A world in network namespaces of its own, as {@code world/small-world.sh} says. */
public final class TestWorld implements Closeable {
    private final Process holder;
    private final Path directory;

    private TestWorld(Process holder, Path directory) {
        this.holder = holder;
        this.directory = directory;
    }

    public static TestWorld create(Path checkout) throws IOException {
        Path directory = Files.createTempDirectory("aegis-world-");
        String script = checkout.resolve("testkit/world/small-world.sh").toString();
        Process holder = new ProcessBuilder("unshare", "--net", "--mount", "sh", script, directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = holder.inputReader().readLine();
        if (!"ready".equals(said)) {
            throw new IOException("the namespaces cannot be made: " + said);
        }
        return new TestWorld(holder, directory);
    }

    /** Has what a home prepares from now on run on the host of this world, and trust the authority for its servers. */
    public void takeIn(TestHome home) {
        home.within(List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--mount"));
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
