package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Servers in a guest, reached through ports of the host. */
@Tag("vm")
class ExposeTest {
    private static final int READ_LIMIT_MS = 120_000;

    /** Servers on three kinds of addresses: each sends its name, then the digest of everything it received. */
    private static final String SERVERS = """
            import hashlib, socket, threading
            def serve(name, family, address, port):
                listener = socket.socket(family, socket.SOCK_STREAM)
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                listener.bind((address, port))
                listener.listen(128)
                while True:
                    client = listener.accept()[0]
                    threading.Thread(target=answer, args=(name, client), daemon=True).start()
            def answer(name, client):
                client.sendall(name.encode() + b'\\n')
                digest = hashlib.sha256()
                while True:
                    piece = client.recv(65536)
                    if not piece:
                        break
                    digest.update(piece)
                client.sendall(digest.hexdigest().encode())
                client.close()
            def flood(port, megabytes):
                listener = socket.create_server(('0.0.0.0', port))
                while True:
                    client = listener.accept()[0]
                    for i in range(megabytes):
                        client.sendall(bytes([i]) * 1048576)
                    client.close()
            threading.Thread(target=flood, args=(84, 64)).start()
            threading.Thread(target=serve, args=('loopback', socket.AF_INET, '127.0.0.1', 81)).start()
            threading.Thread(target=serve, args=('all', socket.AF_INET, '0.0.0.0', 82)).start()
            serve('six', socket.AF_INET6, '::1', 83)
            """;

    /** 127.0.0.1, ::1, and the first as an address of IPv6, as /proc has them. */
    private static final Set<String> LOOPBACK =
            Set.of("0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F");

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(READ_LIMIT_MS);
        return socket;
    }

    private int publicPort(String name, int index) throws IOException {
        try (DaemonClient daemon = HOME.client()) {
            daemon.connect();
            return daemon.call(Routes.GET, name).endpoints().get(index).publicPort();
        }
    }

    private InstanceView info(String name) {
        try (DaemonClient daemon = HOME.client()) {
            daemon.connect();
            return daemon.call(Routes.GET, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next >= 0 && next != '\n'; next = in.read()) {
            line.append((char) next);
        }
        return line.toString();
    }

    private static String get(int port) throws IOException {
        try (Socket socket = connect(port)) {
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    @Test
    void serversAreReachedWhateverAddressTheyListenOn() throws Exception {
        HOME.aegis(
                        "instance",
                        "start",
                        "--name",
                        "s",
                        "--expose",
                        "81",
                        "--expose",
                        "82/tcp",
                        "--expose",
                        "83",
                        "--",
                        "python3",
                        "-c",
                        SERVERS)
                .ok();
        for (int i = 0; i < 3; i++) {
            String name = new String[] {"loopback", "all", "six"}[i];
            try (Socket socket = connect(publicPort("s", i))) {
                InputStream in = socket.getInputStream();
                assertThat(line(in)).isEqualTo(name);
                byte[] text = "half of it".getBytes(StandardCharsets.UTF_8);
                socket.getOutputStream().write(text);
                socket.shutdownOutput();
                assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(HexFormat.of().formatHex(sha256().digest(text)));
            }
        }
        await().until(() -> info("s").activeConnections() == 0);
    }

    @Test
    void manyBytesArriveWholeBothWaysWhileOthersAreServed() throws Exception {
        HOME.aegis(
                        "instance",
                        "start",
                        "--name",
                        "s",
                        "--expose",
                        "81",
                        "--expose",
                        "84",
                        "--",
                        "python3",
                        "-c",
                        SERVERS)
                .ok();
        int digesting = publicPort("s", 0);
        CompletableFuture<String> downloaded =
                CompletableFuture.supplyAsync(() -> download("s"), Thread::startVirtualThread);
        byte[] piece = new byte[1 << 20];
        MessageDigest expected = sha256();
        Random random = new Random(64);
        try (Socket socket = connect(digesting)) {
            OutputStream out = socket.getOutputStream();
            for (int i = 0; i < 64; i++) {
                random.nextBytes(piece);
                expected.update(piece);
                out.write(piece);
            }
            // In the middle of both, another client is served.
            try (Socket small = connect(digesting)) {
                assertThat(line(small.getInputStream())).isEqualTo("loopback");
            }
            socket.shutdownOutput();
            assertThat(line(socket.getInputStream())).isEqualTo("loopback");
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(HexFormat.of().formatHex(expected.digest()));
        }
        assertThat(downloaded.get()).isEqualTo(floodDigest());
        await().atMost(Duration.ofSeconds(60)).until(() -> info("s").activeConnections() == 0);
    }

    /** The digest of what the flooding server sends. */
    private static String floodDigest() {
        MessageDigest digest = sha256();
        byte[] piece = new byte[1 << 20];
        for (int i = 0; i < 64; i++) {
            Arrays.fill(piece, (byte) i);
            digest.update(piece);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private String download(String name) {
        try (Socket socket = connect(publicPort(name, 1))) {
            MessageDigest digest = sha256();
            byte[] buffer = new byte[65_536];
            InputStream in = socket.getInputStream();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                digest.update(buffer, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aPortIsTheInstancesUntilItIsDeleted() throws Exception {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        String mapping = free + ":80";
        HOME.aegis(
                        "instance",
                        "start",
                        "--name",
                        "web",
                        "--expose",
                        mapping,
                        "--",
                        "python3",
                        "-m",
                        "http.server",
                        "80")
                .ok();
        assertThat(get(free)).contains("200 OK");
        assertThat(HOME.aegis("instance", "info", "web").ok().stdout()).contains("127.0.0.1:" + free + " → 80/http");
        HomeFixture.Result taken =
                HOME.aegis("instance", "start", "--name", "other", "--expose", mapping, "--", "true");
        assertThat(taken.exitCode()).isNotZero();
        assertThat(taken.stderr()).contains("port " + free + " of the host belongs to another instance");
        assertThat(HOME.aegis("instance", "info", "other").exitCode()).isNotZero();
        HOME.killDaemon();
        HOME.aegis("up").ok();
        assertThat(info("web").endpoints().getFirst().publicPort()).isEqualTo(free);
        HOME.aegis("instance", "start", "--name", "web").ok();
        assertThat(get(free)).contains("200 OK");
        HOME.aegis("instance", "delete", "web").ok();
        new ServerSocket(free, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void nothingElseListens() throws Exception {
        HOME.aegis("instance", "start", "--name", "web", "--expose", "80", "--", "python3", "-m", "http.server", "80")
                .ok();
        Set<Integer> ours = new TreeSet<>();
        ours.add(publicPort("web", 0));
        ours.add(
                Integer.valueOf(Objects.requireNonNull(info("web").routerAddr()).replaceAll(".*:", "")));
        Set<Integer> found = new TreeSet<>();
        for (String process : HOME.processes()) {
            for (String[] listener : listeners(process.substring(0, process.indexOf(' ')))) {
                assertThat(LOOPBACK).as(process).contains(listener[0]);
                found.add(Integer.valueOf(listener[1], 16));
            }
        }
        assertThat(found).isEqualTo(ours);
    }

    /** The address and the port of each TCP socket on which a process listens, as the kernel writes them. */
    private static List<String[]> listeners(String pid) throws IOException {
        List<String[]> listeners = new ArrayList<>();
        Set<String> sockets = new HashSet<>();
        try (Stream<Path> open = Files.list(Path.of("/proc", pid, "fd"))) {
            for (Path each : open.toList()) {
                sockets.add(target(each));
            }
            for (String table : List.of("tcp", "tcp6")) {
                Files.readAllLines(Path.of("/proc", pid, "net", table)).stream()
                        .map(line -> line.strip().split("\\s+", -1))
                        .filter(line -> line[3].equals("0A") && sockets.contains("socket:[" + line[9] + "]"))
                        .forEach(line -> listeners.add(line[1].split(":", -1)));
            }
        } catch (FileSystemException gone) {
            // The process; or it belongs to another user.
        }
        return listeners;
    }

    private static String target(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException closed) {
            return "";
        }
    }

    @Test
    void runSaysWhereItsPortsAre() throws Exception {
        HomeFixture.Running run = HOME.start("run", "--expose", "80", "--", "python3", "-m", "http.server", "80");
        await().until(() -> java.nio.file.Files.readString(run.stderrFile()).contains("→ 80/http"));
        String said = java.nio.file.Files.readString(run.stderrFile());
        int port = Integer.parseInt(said.replaceAll("(?s).*127\\.0\\.0\\.1:(\\d+) → 80/http.*", "$1"));
        assertThat(port).isBetween(20_000, 29_999);
        await().ignoreExceptions().until(() -> get(port).contains("200 OK"));
        run.process().destroy();
        run.await();
    }
}
