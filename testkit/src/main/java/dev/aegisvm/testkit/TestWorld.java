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

    /** What to put before a command line so that it runs on the host of this world. */
    public List<String> entrance() {
        return List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--mount");
    }

    /** Where the authority for its servers ({@code authority.pem}) is, and what they saw ({@code seen}). */
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
