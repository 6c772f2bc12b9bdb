package dev.aegisvm.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.aegisvm.api.IdleView;
import dev.aegisvm.api.StatsView;
import dev.aegisvm.client.DaemonClient;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An instance that may be idle for two seconds falls asleep when nobody uses it, and not when somebody does. */
@Tag("vm")
class IdleTest {
    private static final AegisHome HOME = AegisHome.create();
    private static final String BOX = "box";
    /** More than twice the time that it may be idle. */
    private static final Duration LONG = Duration.ofSeconds(6);

    private Events events;

    @BeforeAll
    static void up() {
        HOME.aegis("up").ok();
    }

    @AfterAll
    static void down() throws IOException {
        HOME.close();
    }

    @BeforeEach
    void follow() throws IOException {
        events = Events.of(HOME);
    }

    @AfterEach
    void delete() throws IOException {
        events.close();
        HOME.aegis("instance", "delete", BOX);
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
            IdleView idle = Objects.requireNonNull(client.get(BOX).idle());
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
        String id = start("4s", "--", "sh", "-c", "echo kept >> /root/f; exec sleep 1000");
        events.await(BOX, "paused");
        assertThat(ProcStat.of(HOME.vmPids(id).getFirst()).state()).isEqualTo(ProcStat.STOPPED);
        assertThat(HOME.aegis("instance", "info", BOX).ok().stdout())
                .containsPattern("state: +paused")
                .containsPattern("activity: +asleep since \\S+: idle for 2s; it is stopped at \\S+\n");
        events.await(BOX, "stopped");
        assertThat(HOME.vmPids()).isEmpty();
        assertThat(HOME.aegis("instance", "info", BOX).ok().stdout())
                .containsPattern("activity: +asleep since \\S+: idle: paused for 4s\n");
        HOME.aegis("instance", "start", "--name", BOX).ok();
        events.await(BOX, "running");
        assertThat(HOME.aegis("exec", BOX, "--", "cat", "/root/f").ok().stdout())
                .isEqualTo("kept\nkept\n");
    }

    @Test
    void anExecWakesItAndKeepsItAwakeWhileItRuns() throws IOException {
        start("never", "--", "sleep", "1000");
        events.await(BOX, "paused");
        AegisHome.Running exec = HOME.start("exec", BOX, "--", "sh", "-c", "echo woken; exec sleep 1000");
        await().until(() -> exec.soFar().equals("woken\n"));
        staysAwake();
        assertThat(activity()).isEqualTo("awake: an exec runs");
        exec.process().destroy();
        exec.await();
        events.await(BOX, "paused");
        try (DaemonClient client = HOME.client()) {
            StatsView stats = client.stats(BOX);
            assertThat(stats.wakes().paused().count()).isEqualTo(1);
            assertThat(stats.wakes().paused().p50Ms()).isPositive();
            assertThat(stats.wakes().stopped().count()).isZero();
        }
    }

    /** A server that only waits is idle, though it looks around twice a second; a client that is connected is a use. */
    @Test
    void aConnectionWakesItAndKeepsItAwake() throws IOException {
        start("never", "--expose", "80", "--", "python3", "-m", "http.server", "80");
        int port;
        try (DaemonClient client = HOME.client()) {
            port = client.get(BOX).endpoints().getFirst().publicPort();
        }
        events.await(BOX, "paused");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            staysAwake();
            assertThat(activity()).isEqualTo("awake: a connection is open");
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(answer).startsWith("HTTP/1.0 200 OK").contains("Directory listing");
        }
        events.await(BOX, "paused");
    }

    /** Nobody outside uses it, and its main process sleeps: it is another one that works. */
    @Test
    void aGuestThatWorksIsNotPutToSleep() throws IOException {
        start("never", "--", "sh", "-c", "yes > /dev/null & exec sleep 1000");
        staysAwake();
        assertThat(activity()).matches("awake: its guest used [0-9.]+ % of a vCPU in the last [2-9]s");
        HOME.aegis("exec", BOX, "--", "sh", "-c", "kill $(pidof yes)").ok();
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
        AegisHome.Running logs = HOME.start("logs", "-f", BOX);
        HOME.aegis("instance", "keepalive", BOX, "--for", "1h").ok();
        staysAwake();
        assertThat(activity()).startsWith("awake: a keepalive holds it until ");
        HOME.aegis("instance", "keepalive", BOX, "--release").ok();
        events.await(BOX, "paused");
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
        assertThat(activity()).isEqualTo("awake: it exposes no port, so no connection could wake it");
    }
}
