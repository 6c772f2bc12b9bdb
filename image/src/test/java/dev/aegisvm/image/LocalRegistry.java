package dev.aegisvm.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** A real registry, Debian's docker-registry, on a loopback port, with its files in a directory of the test. */
final class LocalRegistry implements AutoCloseable {
    private final Process process;
    private final String host;

    private LocalRegistry(Process process, String host) {
        this.process = process;
        this.host = host;
    }

    static LocalRegistry open(Path directory) throws IOException {
        return start(directory, "");
    }

    /** @param users a file that htpasswd wrote */
    static LocalRegistry withUsers(Path directory, Path users) throws IOException {
        return start(directory, "auth:\n  htpasswd:\n    realm: test\n    path: " + users + "\n");
    }

    static LocalRegistry withTokens(Path directory, String realm, Path certificate) throws IOException {
        return start(
                directory,
                "auth:\n  token:\n    realm: " + realm + "\n    service: test\n    issuer: test\n    rootcertbundle: "
                        + certificate + "\n");
    }

    private static LocalRegistry start(Path directory, String auth) throws IOException {
        Files.createDirectories(directory);
        String host = "127.0.0.1:" + freePort();
        Path config = directory.resolve("config.yml");
        Files.writeString(
                config,
                "version: 0.1\nlog:\n  level: error\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n"
                        + "    rootdirectory: " + directory.resolve("data") + "\nhttp:\n  addr: " + host + "\n" + auth);
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        LocalRegistry registry = new LocalRegistry(process, host);
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(registry::answers);
        return registry;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("docker-registry ended");
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            return socket.isConnected();
        } catch (IOException notYet) {
            return false;
        }
    }

    String host() {
        return host;
    }

    int port() {
        return Integer.parseInt(host.substring(host.indexOf(':') + 1));
    }

    /** Copies an image of a layout here, by skopeo. */
    void push(Path layout, String tag, String name, String... options) throws IOException {
        String[] command = new String[options.length + 6];
        command[0] = "skopeo";
        command[1] = "copy";
        command[2] = "--quiet";
        command[3] = "--dest-tls-verify=false";
        System.arraycopy(options, 0, command, 4, options.length);
        command[options.length + 4] = "oci:" + layout + ":" + tag;
        command[options.length + 5] = "docker://" + host + "/" + name;
        Tool.run(command);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
