package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.Routes;
import dev.aegisvm.client.DaemonClient;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A port of a sleeping instance answers. */
@Tag("vm")
class WakeTest {
    private static final int READ_LIMIT_MS = 60_000;
    /** How many clients come at once: 1000, or fewer where they share an emulated processor with the daemon and the guest. */
    private static final int STORM = Integer.getInteger("aegis.storm", 1000);
    /** How much more memory the daemon may use for their connections. */
    private static final long STORM_MEMORY_KIB = 256 * 1024;

    /** Sends back each line, on port 80, to any number of clients at once. */
    private static final String ECHO = """
            import asyncio
            async def answer(reader, writer):
                while True:
                    line = await reader.readline()
                    if not line:
                        break
                    writer.write(line)
                    await writer.drain()
                writer.close()
            async def main():
                server = await asyncio.start_server(answer, '127.0.0.1', 80, backlog=4096)
                await server.serve_forever()
            asyncio.run(main())
            """;

    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private void start(String... command) {
        List<String> all = new ArrayList<>(List.of("instance", "start", "--name", "web", "--expose", "80", "--"));
        all.addAll(List.of(command));
        HOME.aegis(all.toArray(String[]::new)).ok();
    }

    private int port() throws IOException {
        try (DaemonClient daemon = HOME.client()) {
            daemon.connect();
            return daemon.call(Routes.GET, "web").endpoints().getFirst().publicPort();
        }
    }

    private String state() throws IOException {
        try (DaemonClient daemon = HOME.client()) {
            daemon.connect();
            return daemon.call(Routes.GET, "web").state().wire();
        }
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port);
        socket.setSoTimeout(READ_LIMIT_MS);
        return socket;
    }

    private static String echoed(Socket socket) throws IOException {
        socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes(6), StandardCharsets.US_ASCII);
    }

    private static void assertEchoes(int port) throws IOException {
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo("hello\n");
        }
    }

    private static CompletableFuture<String> client(int port) {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (Socket socket = connect(port)) {
                answer.complete(echoed(socket));
            } catch (IOException | RuntimeException failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** How often a VM of it was booted, in the life of this daemon. */
    private long boots() {
        return HOME.aegis("events", "--json")
                .ok()
                .stdout()
                .lines()
                .filter(line -> line.contains("\"to\":\"starting\""))
                .count();
    }

    @Test
    void whateverItsStateAClientIsServedAtTheSamePort() throws Exception {
        start("python3", "-c", ECHO);
        int port = port();
        // It is still starting, and then its server is.
        assertEchoes(port);
        HOME.aegis("instance", "pause", "web").ok();
        assertEchoes(port);
        assertThat(state()).isEqualTo("running");
        HOME.aegis("instance", "stop", "web").ok();
        assertEchoes(port);
        HOME.aegis("down").ok();
        HOME.aegis("up").ok();
        assertThat(state()).isEqualTo("stopped");
        assertEchoes(port);
        HOME.killDaemon();
        HOME.aegis("up").ok();
        assertEchoes(port);
        HOME.aegis("instance", "disable", "web").ok();
        assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
        HOME.aegis("down").ok();
        HOME.aegis("up").ok();
        assertThatThrownBy(() -> connect(port).close()).isInstanceOf(ConnectException.class);
        HOME.aegis("instance", "start", "--name", "web").ok();
        assertThat(port()).isEqualTo(port);
        assertEchoes(port);
    }

    @Test
    void aByteOnAnOpenConnectionWakesAPausedOne() throws Exception {
        start("python3", "-c", ECHO);
        int port = port();
        try (Socket socket = connect(port)) {
            assertThat(echoed(socket)).isEqualTo("hello\n");
            for (int i = 0; i < 3; i++) {
                HOME.aegis("instance", "pause", "web").ok();
                assertThat(state()).isEqualTo("paused");
                assertThat(echoed(socket)).isEqualTo("hello\n");
            }
        }
    }

    @Test
    void aClientThatComesDuringAPauseOrAStopIsServed() throws Exception {
        start("python3", "-c", ECHO);
        int port = port();
        assertEchoes(port);
        for (int i = 0; i < 6; i++) {
            boolean stop = i % 3 == 2;
            HomeFixture.Running ending = HOME.start("instance", stop ? "stop" : "pause", "web");
            while (ending.process().isAlive()) {
                // One at a time, at any moment. Only a stop may end one that is open, by a reset or without.
                CompletableFuture<String> client = client(port);
                assertThat(client.handle((answer, broken) -> broken == null ? answer : "broken")
                                .join())
                        .isIn(stop ? List.of("hello\n", "broken", "") : List.of("hello\n"));
            }
            assertEchoes(port);
        }
    }

    @Test
    void aStormOfClientsOfAStoppedOneIsOneBootAndAllAreServed() throws Exception {
        start("python3", "-c", ECHO);
        int port = port();
        assertEchoes(port);
        HOME.aegis("instance", "stop", "web").ok();
        long before = HOME.daemonPeakMemoryKib();
        long boots = boots();
        List<CompletableFuture<String>> clients = new ArrayList<>();
        for (int i = 0; i < STORM; i++) {
            clients.add(client(port));
        }
        for (CompletableFuture<String> client : clients) {
            assertThat(client.join()).isEqualTo("hello\n");
        }
        assertThat(boots()).isEqualTo(boots + 1);
        assertThat(HOME.vmPids()).hasSize(1);
        assertThat(HOME.daemonPeakMemoryKib() - before).isLessThan(STORM_MEMORY_KIB);
    }

    @Test
    void aClientOfAGuestThatDoesNotAnswerIsSentAwayInTime() throws Exception {
        start("sh", "-c", "echo up; sleep 600");
        int port = port();
        long since = System.nanoTime();
        try (Socket socket = connect(port)) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - since))
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(33));
        assertThat(HOME.aegis("logs", "web").ok().stderr()
                        + HOME.aegis("logs", "web").stdout())
                .contains("a connection to port 80 was closed: nothing in the guest listens on it");
        assertThat(state()).isEqualTo("running");
        HOME.aegis("instance", "delete", "web").ok();

        start("false");
        await().until(() -> state().equals("stopped"));
        int other = port();
        long boots = boots();
        try (Socket socket = connect(other)) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(boots()).isEqualTo(boots + 1);
        // The next one tries again.
        try (Socket socket = connect(other)) {
            assertThat(socket.getInputStream().read()).isNegative();
        }
        assertThat(boots()).isEqualTo(boots + 2);
        await().until(() -> HOME.aegis("logs", "web").ok().stderr().contains("a connection to port 80 was closed")
                || HOME.aegis("logs", "web").stdout().contains("a connection to port 80 was closed"));
    }
}
