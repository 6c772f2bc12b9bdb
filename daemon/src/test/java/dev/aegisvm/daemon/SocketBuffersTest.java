package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.daemon.router.Clients;
import dev.aegisvm.vmm.fake.ScriptedGuest;
import org.junit.jupiter.api.*;

/** What the kernel may hold of connections: few may have large buffers, those beyond have small ones. Asks ss(8). */
@Timeout(120)
class SocketBuffersTest {
    /** What the kernel makes of the 64 KiB that are asked for. */
    private static final int SMALL = 2 * (64 << 10);

    /** So much that the kernel makes a buffer larger that it may. */
    private static final int MUCH = 16 << 20;

    private static final int LIMIT_MS = 20_000;
    private static final Pattern SOCKET =
            Pattern.compile(":(\\d+) +\\S+:(\\d+) +skmem:\\(r\\d+,rb(\\d+),t\\d+,tb(\\d+),");

    @AutoClose
    private final DaemonHarness daemon = DaemonHarness.open();

    private final List<Socket> others = new ArrayList<>();

    /** In bytes, of the daemon's end of a connection. */
    private record Buffers(int receive, int send) {}

    @AfterEach
    void close() throws IOException {
        for (Socket each : others) {
            each.close();
        }
    }

    /**
     * Those of the daemon's sockets, in the order in which their other ends were opened.
     *
     * @param side at which all of them have the same port: "sport" or "dport"
     */
    private List<Buffers> buffers(String side, int port) throws IOException {
        Process ss = new ProcessBuilder("ss", "-tmnHO", side + " = :" + port).start();
        String all = new String(ss.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Map<Integer, Buffers> found = SOCKET.matcher(all)
                .results()
                .collect(Collectors.toMap(
                        socket -> number(socket, side.equals("sport") ? 2 : 1),
                        socket -> new Buffers(number(socket, 3), number(socket, 4))));
        return others.stream()
                .map(other -> other.getPort() == port ? other.getLocalPort() : other.getPort())
                .map(own -> Objects.requireNonNull(found.get(own), all))
                .toList();
    }

    private static int number(MatchResult socket, int group) {
        return Integer.parseInt(socket.group(group));
    }

    private void assertOnlyTheLastIsSmall(String side, int port) throws IOException {
        List<Buffers> all = buffers(side, port);
        assertThat(all).hasSize(Clients.WITH_LARGE_BUFFERS + 1);
        assertThat(all.subList(0, Clients.WITH_LARGE_BUFFERS)).allMatch(each -> each.send() > SMALL, "fast");
        assertThat(all.getLast()).isEqualTo(new Buffers(SMALL, SMALL));
    }

    /** Adds the other end of a connection, at which all that is sent comes back. */
    private void add(Socket other) throws Exception {
        boolean last = others.size() == Clients.WITH_LARGE_BUFFERS;
        others.add(other);
        other.setSoTimeout(LIMIT_MS);
        int bytes = last ? MUCH : 1;
        FutureTask<Void> sending = new FutureTask<>(() -> {
            other.getOutputStream().write(new byte[bytes]);
            return null;
        });
        Thread.ofVirtual().start(sending);
        assertThat(other.getInputStream().readNBytes(bytes)).hasSize(bytes);
        sending.get();
    }

    @Test
    void clientsOfAPort() throws Exception {
        int port = new ExposedPorts(daemon).running("web", 80);
        for (int i = 0; i <= Clients.WITH_LARGE_BUFFERS; i++) {
            add(ExposedPorts.connect(port));
        }
        assertOnlyTheLastIsSmall("sport", port);
    }

    @Test
    void connectionsThatAGuestOpens() throws Exception {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"box\",\"allow\":[\"127.0.0.1\"]}");
        daemon.awaitState("box", "running");
        ScriptedGuest guest = daemon.vmm.last().guest();
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            server.setSoTimeout(LIMIT_MS);
            for (int id = 1; id <= Clients.WITH_LARGE_BUFFERS + 1; id++) {
                guest.dial(id, "127.0.0.1", server.getLocalPort());
                add(server.accept());
            }
            assertOnlyTheLastIsSmall("dport", server.getLocalPort());
        }
    }

    @Test
    void clientsOfTheHttpRouter() throws Exception {
        Matcher address = Pattern.compile("\"router_addr\":\"127.0.0.1:(\\d+)\"")
                .matcher(daemon.http.get("/v1/status").body());
        assertThat(address.find()).isTrue();
        int port = Integer.parseInt(address.group(1));
        for (int i = 0; i <= Clients.WITH_LARGE_BUFFERS; i++) {
            others.add(ExposedPorts.connect(port));
        }
        await().untilAsserted(() -> assertOnlyTheLastIsSmall("sport", port));
    }
}
