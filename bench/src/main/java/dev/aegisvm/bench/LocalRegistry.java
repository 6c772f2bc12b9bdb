package dev.aegisvm.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a loopback port, filled by skopeo from an OCI layout that umoci makes. */
final class LocalRegistry implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final int LOOKS = 300;
    private static final int BETWEEN_LOOKS_MILLIS = 100;

    private final Path directory;
    private final Process process;
    private final int port;

    private LocalRegistry(Path directory, Process process, int port) {
        this.directory = directory;
        this.process = process;
        this.port = port;
    }

    /** Starts one with its files in a directory. */
    static LocalRegistry open(Path directory) throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = directory.resolve("config.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n"
                        + "    rootdirectory: " + directory.resolve("data") + "\nhttp:\n  addr: 127.0.0.1:" + port
                        + "\n");
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        LocalRegistry registry = new LocalRegistry(directory, process, port);
        registry.awaitAnswer();
        return registry;
    }

    private void awaitAnswer() throws IOException {
        for (int i = 0; i < LOOKS; i++) {
            try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException notYet) {
                ended(BETWEEN_LOOKS_MILLIS);
            }
        }
        throw new IOException("docker-registry does not answer");
    }

    private void ended(int millis) throws IOException {
        try {
            if (process.waitFor(millis, TimeUnit.MILLISECONDS)) {
                throw new IOException("docker-registry ended: " + Files.readString(directory.resolve("log")));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A name in this registry. */
    String name(String rest) {
        return "localhost:" + port + "/" + rest;
    }

    /** The place of an image before it is pushed, as umoci and skopeo write it. */
    private String layout(String tag) {
        return directory.resolve("layout") + ":" + tag;
    }

    /** Begins an image without files. */
    void begin(String tag) throws IOException {
        Path layout = directory.resolve("layout");
        if (Files.notExists(layout)) {
            tool("umoci", "init", "--layout", layout.toString());
        }
        tool("umoci", "new", "--image", layout(tag));
    }

    /** Adds a layer with a file or directory of the host. */
    void insert(String tag, Path source, String target) throws IOException {
        tool("umoci", "insert", "--image", layout(tag), source.toString(), target);
    }

    /** Puts an image into the registry, by the name {@code tag:1}. */
    String push(String tag) throws IOException {
        String name = name(tag + ":1");
        tool("skopeo", "copy", "--quiet", "--dest-tls-verify=false", "oci:" + layout(tag), "docker://" + name);
        return name;
    }

    /** Runs a program that has nothing to say; milliseconds that it took. */
    static double tool(String... command) throws IOException {
        return new TimedProcess(List.of(command), Map.of(), null, LIMIT).millisOf("");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
