package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code stats} and {@code top}, against answers from a script. */
class UsageVerbsTest {
    private static final String WAKES = """
            "since":"2026-01-02T03:00:00Z","wakes":{"paused":{"count":2,"failed":0,"p50_ms":3.125,"p99_ms":9.75},\
            "stopped":{"count":1,"failed":1}}""";
    private static final String SLEEPER = "{\"id\":\"inst-2\"," + WAKES + ",\"state\":\"stopped\","
            + "\"at\":\"2026-01-02T03:04:05Z\",\"disk\":{\"used\":6000000,\"limit\":8589934592}}";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    /** A running instance that has used so much by then. */
    private static String runner(int second, int cpuMs) {
        return "{\"id\":\"inst-1\"," + WAKES + ",\"handle\":\"web\",\"state\":\"running\",\"at\":\"2026-01-02T03:04:0"
                + second + "Z\",\"cpu_ms\":" + cpuMs
                + ",\"memory\":{\"unique\":45000000,\"shared\":80000000,\"limit\":536870912},"
                + "\"disk\":{\"used\":6000000,\"limit\":8589934592},"
                + "\"network\":{\"relayed_in\":4096,\"relayed_out\":65536,\"connections\":1},"
                + "\"held\":{\"bytes\":131072,\"files\":1}}";
    }

    /** Answers one after the other; the last one again and again. */
    private void says(String... answers) throws IOException {
        Deque<String> left = new ArrayDeque<>(List.of(answers));
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), _ -> {
            String answer = left.size() > 1 ? left.removeFirst() : left.getFirst();
            return ScriptedDaemon.json(answer);
        });
    }

    private List<String> requests() {
        return Objects.requireNonNull(daemon).requests();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void statsOfAllComeInOneTableTheBusiestFirst() throws IOException {
        says("[" + SLEEPER + "," + runner(5, 1000) + "]", "[" + SLEEPER + "," + runner(6, 1125) + "]");
        assertThat(Call.at(home, "stats").out()).isEqualTo("""
                NAME    STATE    CPU %  CPU TIME  UNIQUE  SHARED  OF      DISK    RELAYED IN  OUT    HELD    WAKES
                web     running  12.5   1.1 s     45 MB   80 MB   536 MB  6.0 MB  4.0 kB      65 kB  131 kB  3
                inst-2  stopped  -      -         -       -       -       6.0 MB  -           -      -       3
                """);
        assertThat(requests()).hasSize(2).allMatch(request -> request.startsWith("GET /v1/stats "));
    }

    @Test
    void statsOfOneTellHowItWoke() throws IOException {
        says(SLEEPER);
        assertThat(Call.at(home, "instance", "stats", "box").out()).endsWith("""

                WOKEN FROM  TIMES  FAILED  P50     P99
                paused      2      0       3.1 ms  9.8 ms
                stopped     1      1       -       -
                """);
        assertThat(requests()).hasSize(1).first().asString().startsWith("GET /v1/instances/box/stats ");
        assertThat(Call.at(home, "instance", "stats", "box", "--json").out()).isEqualTo(SLEEPER + "\n");
    }

    @Test
    void topTakesTheScreenAndGivesItBack() throws IOException {
        says("[" + SLEEPER + "," + runner(5, 1000) + "]", "[" + SLEEPER + "," + runner(6, 1125) + "]");
        Call call = Call.typing("xq".getBytes(UTF_8), home, true, "top");
        assertThat(call.exitCode()).isZero();
        assertThat(call.out())
                .startsWith("\u001b[?1049h")
                .contains("12.5")
                .endsWith("\u001b[?7h\u001b[?25h\u001b[?1049l");
        assertThat(requests()).as("a request for each look").hasSize(2);
    }

    @Test
    void topGivesTheScreenBackWhenTheDaemonRefuses() throws IOException {
        daemon = new ScriptedDaemon(
                home.resolve("aegisd.sock"),
                _ -> ScriptedDaemon.json(
                        503, "{\"error\":\"the daemon is shutting down\",\"code\":\"shutting_down\"}".getBytes(UTF_8)));
        Call call = Call.typing(new byte[0], home, true, "top");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.out()).endsWith("\u001b[?1049l");
        assertThat(call.err()).isEqualTo("aegis: the daemon is shutting down\n");
    }

    @Test
    void topNeedsATerminal() {
        assertThat(Call.of("top"))
                .isEqualTo(new Call(
                        2, "", "aegis instance top: stdout is not a terminal: `aegis stats` prints the table once\n"));
    }

    private void guestSays(String state, String lines, int exitCode) throws IOException {
        daemon = new ScriptedDaemon(
                home.resolve("aegisd.sock"),
                request -> request.startsWith("POST ")
                        ? ScriptedDaemon.chunk("{\"exec_id\":\"exec-1\",\"started_at\":\"2026-01-02T03:04:05Z\"}\n"
                                + lines + "{\"exec_id\":\"exec-1\",\"exit_code\":" + exitCode + ",\"done\":true}\n")
                        : ScriptedDaemon.json("{\"id\":\"inst-1\",\"state\":\"" + state
                                + "\",\"enabled\":true,\"command\":[\"a\"],\"created_at\":\"2026-01-02T03:04:05Z\"}"));
    }

    @Test
    void topOfOneListsItsProcessesAndTamesWhatAGuestSays() throws IOException {
        String line = "{\"ts\":\"2026-01-02T03:04:05Z\",\"stream\":\"stdout\",\"line\":\"%s\",\"source\":\"exec\","
                + "\"instance_id\":\"inst-1\"}\n";
        String evil = "7 root \\u001b[2J {\\\"done\\\":true}";
        guestSays("running", line.formatted("PID USER COMMAND") + line.formatted(evil), 0);
        assertThat(Call.at(home, "top", "box"))
                .isEqualTo(new Call(0, "PID USER COMMAND\n7 root \\u001b[2J {\"done\":true}\n", ""));
        assertThat(Call.at(home, "top", "box", "--json").out())
                .contains(line.formatted(evil))
                .doesNotContain("exit_code");
    }

    @Test
    void topOfOneThatDoesNotRunWakesNobody() throws IOException {
        guestSays("paused", "", 0);
        assertThat(Call.at(home, "top", "box").err()).isEqualTo("""
                        aegis: box is paused; processes can only be listed while it is running
                        aegis:   run: aegis instance resume box
                        """);
        assertThat(requests()).hasSize(1);
    }

    @Test
    void anImageWithoutPsIsSaid() throws IOException {
        guestSays("running", "", 127);
        Call call = Call.at(home, "top", "box");
        assertThat(call.exitCode()).isEqualTo(1);
        assertThat(call.err()).isEqualTo("""
                aegis: ps in box exits with 127
                aegis:   the guest needs a ps program; on Debian: apt-get install procps
                """);
    }
}
