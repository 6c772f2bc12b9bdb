package dev.aegisvm.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Debian's docker-registry on a loopback port, with its files in a directory of the test, filled by skopeo. */
final class LocalRegistry implements AutoCloseable {
    private final Process process;
    private final int port;
    private final Path log;

    private LocalRegistry(Process process, int port, Path log) {
        this.process = process;
        this.port = port;
        this.log = log;
    }

    /** One that everybody may read and fill. */
    static LocalRegistry open(Path directory) throws IOException {
        return start(directory, "");
    }

    /** One for those whom htpasswd wrote into a file. */
    static LocalRegistry withUsers(Path directory, Path users) throws IOException {
        return start(directory, "auth:\n  htpasswd:\n    realm: test\n    path: " + users + "\n");
    }

    private static LocalRegistry start(Path directory, String auth) throws IOException {
        Files.createDirectories(directory);
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = directory.resolve("config.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: "
                        + directory.resolve("data") + "\nhttp:\n  addr: 127.0.0.1:" + port + "\n" + auth);
        Path log = directory.resolve("log");
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        LocalRegistry registry = new LocalRegistry(process, port, log);
        await().atMost(Duration.ofSeconds(60)).until(registry::answers);
        return registry;
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("docker-registry ended");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    int port() {
        return port;
    }

    /** A name in this registry, as it is written on a command line. */
    String name(String rest) {
        return "localhost:" + port + "/" + rest;
    }

    /** Copies an image here. */
    void push(OciImage image, String rest, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("skopeo", "copy", "--quiet", "--dest-tls-verify=false"));
        command.addAll(List.of(options));
        command.add("oci:" + image.path());
        command.add("docker://" + name(rest));
        OciImage.run(command.toArray(String[]::new));
    }

    /**
     * Copies an image here with its layers compressed by zstd.
     *
     * @param plain a directory to be made for the layers without compression, since skopeo compresses no other
     */
    void pushByZstd(OciImage image, String rest, Path plain) throws IOException {
        OciImage.run("skopeo", "copy", "--quiet", "--dest-decompress", "oci:" + image.path(), "dir:" + plain);
        OciImage.run(
                "skopeo",
                "copy",
                "--quiet",
                "--dest-tls-verify=false",
                "--dest-compress-format=zstd",
                "dir:" + plain,
                "docker://" + name(rest));
    }

    /** The manifest that a name leads to, byte for byte. */
    String manifest(String rest) throws IOException {
        return OciImage.run("skopeo", "inspect", "--raw", "--tls-verify=false", "docker://" + name(rest));
    }

    /** Puts an index of manifests, which no tool of Debian's makes without building images itself. */
    void putIndex(String repository, String tag, String index) throws IOException {
        HttpRequest put = HttpRequest.newBuilder(
                        URI.create("http://localhost:" + port + "/v2/" + repository + "/manifests/" + tag))
                .header("Content-Type", "application/vnd.oci.image.index.v1+json")
                .PUT(HttpRequest.BodyPublishers.ofString(index))
                .build();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> answer = client.send(put, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 201) {
                throw new IOException("the registry does not take an index: " + answer.body());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How often something was read, by the registry's own log: a path such as {@code app/manifests/1}. */
    long reads(String path) throws IOException {
        String request = "\"GET /v2/" + path + " ";
        return Files.readAllLines(log).stream()
                .filter(line -> line.contains(request) && line.contains("\" 200 "))
                .count();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
