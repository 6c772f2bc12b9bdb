package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.api.InstanceView.IdleView;
import dev.aegisvm.api.Routes;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.client.DaemonClient;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** An instance with an idle time of two seconds is paused when nobody uses it, and not while somebody does. */
@Tag("vm")
@NotInOuterVm("timers, whose minutes are long in there; KvmTest has a pause and a wake")
class IdleTest {
    @RegisterExtension
    static final HomeFixture HOME = HomeFixture.create().withDaemon();

    private static final String BOX = "box";
    /** More than twice the time that it may be idle. */
    private static final Duration LONG = Duration.ofSeconds(6);

    /** Sends a kilobyte now and then to an address from which no answer comes. */
    private static final String TALK = """
            import socket, time
            out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            while True:
                out.sendto(bytes(1400), ("192.0.2.1", 9))
                time.sleep(0.7)
            """;

    private Events events;

    @BeforeEach
    void follow() throws IOException {
        events = HOME.events();
    }

    /** Starts an instance with these options and this command; returns its id when it runs. */
    private String start(String idleStop, String... words) {
        List<String> command = new ArrayList<>(
                List.of("instance", "start", "--name", BOX, "--idle-pause", "2s", "--idle-stop", idleStop));
        command.addAll(List.of(words));
        HOME.aegis(command.toArray(String[]::new)).ok();
        return events.await(BOX, "running").instanceId();
    }

    private String activity() throws IOException {
        try (DaemonClient client = HOME.client()) {
            IdleView idle = Objects.requireNonNull(client.call(Routes.GET, BOX).idle());
            return idle.activity();
        }
    }

    private void staysAwake() {
        await().pollDelay(Duration.ZERO)
                .during(LONG)
                .atMost(LONG.multipliedBy(4))
                .until(() -> activity().startsWith("awake: "));
    }

    @Test
    void itIsPausedAndThenStoppedAndKeepsItsDisk() throws IOException {
        String id = start("10s", "--", "sh", "-c", "echo kept >> /root/f; exec sleep 1000");
        events.await(BOX, "paused");
        ProcStat.stopped(HOME.vmPids(id).getFirst());
        assertThat(HOME.aegis("instance", "info", BOX).ok().stdout())
                .containsPattern("state: +paused")
                .containsPattern("activity: +asleep since \\S+: idle for 2s; it is stopped at \\S+\n");
        events.await(BOX, "stopped");
        assertThat(HOME.vmPids()).isEmpty();
        assertThat(HOME.aegis("instance", "info", BOX).ok().stdout())
                .containsPattern("activity: +asleep since \\S+: idle: paused for 10s\n");
        HOME.aegis("instance", "start", "--name", BOX).ok();
        events.await(BOX, "running");
        assertThat(HOME.aegis("exec", BOX, "--", "cat", "/root/f").ok().stdout())
                .isEqualTo("kept\nkept\n");
    }

    @Test
    void anExecWakesItAndKeepsItAwakeWhileItRuns() throws IOException {
        start("never", "--", "sleep", "1000");
        events.await(BOX, "paused");
        HomeFixture.Running exec = HOME.start("exec", BOX, "--", "sh", "-c", "echo woken; exec sleep 1000");
        await().until(() -> exec.soFar().equals("woken\n"));
        staysAwake();
        assertThat(activity()).isEqualTo("awake: an exec is running");
        exec.process().destroy();
        exec.await();
        events.await(BOX, "paused");
        try (DaemonClient client = HOME.client()) {
            StatsView stats = client.call(Routes.STATS, BOX);
            assertThat(stats.wakes().paused().count()).isEqualTo(1);
            assertThat(stats.wakes().paused().p50Ms()).isPositive();
            assertThat(stats.wakes().stopped().count()).isZero();
        }
    }

    /** A server that only waits is idle, even when it polls twice a second; a connected client is a use. */
    @Test
    void aConnectionWakesItAndKeepsItAwake() throws IOException {
        start("never", "--expose", "80", "--", "python3", "-m", "http.server", "80");
        int port = port();
        events.await(BOX, "paused");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            staysAwake();
            assertThat(activity()).isEqualTo("awake: a connection is open");
            assertThat(get(socket)).startsWith("HTTP/1.0 200 OK").contains("Directory listing");
        }
        events.await(BOX, "paused");
    }

    /** A silent open WebSocket is a use. After an explicit pause, the next message wakes the instance. */
    @Test
    void aWebSocketOutlivesAPause() throws Exception {
        start("4s", "--expose", "80", "--", "python3", "-c", resource("websocket-echo.py"));
        Echoes echoes = new Echoes();
        WebSocket socket;
        try (HttpClient http = HttpClient.newHttpClient()) {
            socket = http.newWebSocketBuilder()
                    .buildAsync(URI.create("ws://127.0.0.1:" + port() + "/"), echoes)
                    .get(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS);
            socket.sendText("one", true).join();
            assertThat(echoes.next()).isEqualTo("one");
            staysAwake();
            HOME.aegis("instance", "pause", BOX).ok();
            events.await(BOX, "paused");
            socket.sendText("two", true).join();
            assertThat(echoes.next()).isEqualTo("two");
            events.await(BOX, "running");
            socket.abort();
        }
        events.await(BOX, "paused");
        events.await(BOX, "stopped");
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(IdleTest.class.getResourceAsStream("/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** The text messages of a WebSocket. */
    private static final class Echoes implements WebSocket.Listener {
        private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();

        String next() throws InterruptedException {
            return Objects.requireNonNull(texts.poll(HomeFixture.LIMIT_SECONDS, TimeUnit.SECONDS));
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
            texts.add(text.toString());
            socket.request(1);
            return null;
        }
    }

    /** A paused and a stopped instance wake when a client connects, and the client does not notice. */
    @Test
    void aConnectionWakesItFromAStopToo() throws IOException {
        start("2s", "--expose", "80", "--", "python3", "-m", "http.server", "80");
        int port = port();
        events.await(BOX, "paused");
        assertThat(get(port)).startsWith("HTTP/1.0 200 OK");
        events.await(BOX, "stopped");
        assertThat(get(port)).startsWith("HTTP/1.0 200 OK");
        try (DaemonClient client = HOME.client()) {
            assertThat(client.call(Routes.STATS, BOX).wakes().paused().count()).isEqualTo(1);
            assertThat(client.call(Routes.STATS, BOX).wakes().stopped().count()).isEqualTo(1);
        }
    }

    private static String get(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return get(socket);
        }
    }

    private static String get(Socket socket) throws IOException {
        socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private static int port() throws IOException {
        try (DaemonClient client = HOME.client()) {
            return client.call(Routes.GET, BOX).endpoints().getFirst().publicPort();
        }
    }

    /** Nobody outside uses it and its main process sleeps; another process works. */
    @Test
    void aGuestThatWorksIsNotPutToSleep() throws IOException {
        start("never", "--", "sh", "-c", "yes > /dev/null & exec sleep 1000");
        staysAwake();
        await().until(() -> activity().matches("awake: its guest used [0-9.]+ % of a vCPU in the last [2-9]s"));
        HOME.aegis("exec", BOX, "--", "sh", "-c", "kill $(pidof yes)").ok();
        events.await(BOX, "paused");
    }

    /** It hardly uses its CPU and nobody is connected, but it sends traffic itself. */
    @Test
    void aGuestThatTalksToTheNetworkIsNotPutToSleep() throws IOException {
        start("never", "--network", "open", "--", "sh", "-c", "python3 -c '" + TALK + "' & exec sleep 1000");
        staysAwake();
        await().until(() ->
                activity().matches("awake: its guest moved [0-9]+ bytes over the network in the last [2-9]s"));
        HOME.aegis("exec", BOX, "--", "sh", "-c", "kill $(pidof python3)").ok();
        events.await(BOX, "paused");
    }

    @Test
    void aCopyOfFilesWakesItAndIsOverAfterwards() throws IOException {
        start("never", "--", "sleep", "1000");
        events.await(BOX, "paused");
        Path file = Files.writeString(HOME.directory().resolve("f"), "copied");
        HOME.aegis("cp", file.toString(), BOX + ":/root/f").ok();
        events.await(BOX, "running");
        events.await(BOX, "paused");
        HOME.aegis("cp", BOX + ":/root/f", file + "-back").ok();
        assertThat(HOME.directory().resolve("f-back")).hasContent("copied");
        events.await(BOX, "running");
        events.await(BOX, "paused");
    }

    @Test
    void watchingDoesNotKeepItAwakeAndAKeepaliveDoes() throws IOException {
        start("never", "--", "sleep", "1000");
        HomeFixture.Running logs = HOME.start("logs", "-f", BOX);
        HOME.aegis("instance", "keepalive", BOX, "--for", "1h").ok();
        staysAwake();
        assertThat(activity()).startsWith("awake: a keepalive keeps it running until ");
        HOME.aegis("instance", "keepalive", BOX, "--release").ok();
        await().until(() -> activity().startsWith("asleep since "));
        assertThat(logs.process().isAlive()).isTrue();
        HOME.aegis("instance", "list").ok();
        HOME.aegis("instance", "stats", BOX).ok();
        assertThat(activity()).startsWith("asleep since ");
        logs.process().destroy();
        logs.await();
    }

    @Test
    void oneThatNoConnectionCouldWakeStaysAwake() throws IOException {
        HOME.aegis("instance", "start", "--name", BOX, "--", "sleep", "1000").ok();
        events.await(BOX, "running");
        assertThat(activity()).isEqualTo("awake: it exposes no port, so a connection could not wake it");
    }
}
