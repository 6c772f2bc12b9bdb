package dev.aegisvm.e2e;

import module java.base;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A world in network namespaces of its own, as {@code small-world.sh} says; it ends with the test class, after what was registered later. */
final class SmallWorld implements AfterAllCallback {
    private final Process holder;
    private final Path directory;

    private SmallWorld(Process holder, Path directory) {
        this.holder = holder;
        this.directory = directory;
    }

    static SmallWorld create() {
        try {
            Path directory = Files.createTempDirectory("aegis-world-");
            Process holder = new ProcessBuilder(
                            "unshare",
                            "--net",
                            "--mount",
                            "sh",
                            "src/test/resources/small-world.sh",
                            directory.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            SmallWorld world = new SmallWorld(holder, directory);
            String said = holder.inputReader().readLine();
            if (!"ready".equals(said)) {
                throw new IOException("the namespaces cannot be made: " + said);
            }
            return world;
        } catch (IOException obstacle) {
            throw new UncheckedIOException(obstacle);
        }
    }

    /** What to put before a command line so that it runs on the host of this world. */
    List<String> entrance() {
        return List.of("nsenter", "--target", Long.toString(holder.pid()), "--net", "--mount");
    }

    /** Whom to trust that its servers are what they say. */
    String certificate() {
        return directory.resolve("cert.pem").toString();
    }

    /** The last request that its HTTPS server got: {@code X-Api-Key} and {@code Authorization}. */
    String lastSeen() throws IOException {
        return Files.readAllLines(directory.resolve("seen")).getLast();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException, InterruptedException {
        holder.getOutputStream().close();
        if (!holder.waitFor(10, TimeUnit.SECONDS)) {
            holder.destroyForcibly();
        }
        for (String file : List.of("born", "resolv.conf", "key.pem", "cert.pem", "seen", "")) {
            Files.deleteIfExists(directory.resolve(file));
        }
    }
}
