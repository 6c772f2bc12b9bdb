package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.fake.ScriptedGuest;
import org.junit.jupiter.api.*;
import org.junit.jupiter.api.io.TempDir;

/** Guests whose connections hold all that they can: to a server that sends much and reads nothing. */
@Timeout(180)
class StalledConnectionsTest {
    private static final int CONNECTIONS = 1000;
    /** Fewer than a guest may have waiting. */
    private static final int AT_A_TIME = 100;

    private static final byte[] MUCH = new byte[192 << 10];

    @TempDir
    Path directory;

    private DaemonHarness daemon;
    private ServerSocket deaf;
    private final Queue<Socket> accepted = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void open() throws Exception {
        daemon = DaemonHarness.open(directory);
        deaf = new ServerSocket(0, 4096, InetAddress.ofLiteral("127.0.0.1"));
        Thread.ofVirtual().name("deaf").start(this::acceptAll);
    }

    @AfterEach
    void close() throws IOException {
        deaf.close();
        for (Socket each : accepted) {
            each.close();
        }
        daemon.close();
    }

    private void acceptAll() {
        try {
            while (true) {
                Socket client = deaf.accept();
                accepted.add(client);
                Thread.ofVirtual().start(() -> send(client));
            }
        } catch (IOException end) {
            // The test is over.
        }
    }

    private static void send(Socket client) {
        try {
            client.getOutputStream().write(MUCH);
        } catch (IOException end) {
            // It is over, or the guest's.
        }
    }

    private ScriptedGuest running(String handle) throws IOException {
        daemon.create("{\"command\":[\"sleep\"],\"handle\":\"" + handle + "\",\"allow\":[\"127.0.0.1\"]}");
        daemon.awaitState(handle, "running");
        return daemon.vmm.last().guest();
    }

    private static int answered(ScriptedGuest guest) {
        return guest.calls("accept") + guest.calls("refuse");
    }

    private void stall(ScriptedGuest guest) throws IOException {
        for (int id = 1; id <= CONNECTIONS; id++) {
            guest.dial(id, "127.0.0.1", deaf.getLocalPort());
            if (id % AT_A_TIME == 0) {
                int asked = id;
                await().until(() -> answered(guest) >= asked);
            }
        }
    }

    private String get(String path) throws IOException {
        return daemon.http.get(path).body();
    }

    @Test
    void threeGuestsHoldTheirPartAndAFourthGoesOn() throws Exception {
        for (String handle : List.of("eve", "mallory", "trudy")) {
            stall(running(handle));
        }
        assertThat(daemon.budget.used().bytes())
                .isLessThanOrEqualTo(daemon.budget.all().bytes());
        assertThat(get("/v1/instances/trudy/network")).contains("has reached its limit of the daemon's memory");
        assertThat(get("/v1/instances/trudy/stats"))
                .containsPattern("\"held\":\\{\"bytes\":\\d{7,},\"files\":\\d{2,}}");
        assertThat(get("/v1/status"))
                .contains("\"max_bytes\":" + daemon.budget.all().bytes());
        assertThat(get("/v1/metrics")).contains("aegis_held_bytes{kind=\"used\"}", "aegis_held_files{kind=\"limit\"}");

        ScriptedGuest fourth = running("bob");
        Http.Answer exec = daemon.http.post("/v1/instances/bob/exec", "{\"command\":[\"print\",\"here\"]}");
        assertThat(exec.body()).contains("here");
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.ofLiteral("127.0.0.1"))) {
            server.setSoTimeout(20_000);
            fourth.dial(1, "127.0.0.1", server.getLocalPort());
            server.accept().close();
        }

        for (String handle : List.of("eve", "mallory", "trudy", "bob")) {
            daemon.http.delete("/v1/instances/" + handle);
        }
        await().untilAsserted(() -> assertThat(daemon.budget.used().bytes()).isZero());
        assertThat(daemon.budget.used().files()).isZero();
    }

    /** Two bytes say how long a question is: 32 382 bytes. */
    @Test
    void aQuestionByTcpThatIsTooLongEndsItsConnectionBeforeItIsAwaited() throws Exception {
        ScriptedGuest guest = running("eve");
        guest.listen(0, "greet ~~");
        guest.dial(1, "10.0.0.1", 53);
        await().until(() -> guest.calls("accept") == 1);
        await().untilAsserted(() -> assertThat(daemon.budget.used().files()).isZero());
    }
}
