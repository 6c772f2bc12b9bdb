package dev.aegisvm.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.vmm.fake.Profile;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What an exec can be asked for beside its command. */
@ParameterizedClass
@MethodSource("dev.aegisvm.vmm.fake.Profile#all")
class ExecTest {
    private static final Pattern EXEC_ID = Pattern.compile("\"exec_id\":\"(exec-[0-9a-f]+)\"");
    private static final String EXEC = "/v1/instances/box/exec";
    private static final String EXECS = "/v1/instances/box/execs";

    @AutoClose
    private final DaemonHarness daemon;

    private Http http;

    ExecTest(Profile profile) {
        daemon = DaemonHarness.open(profile);
    }

    @BeforeEach
    void open() throws Exception {
        http = daemon.http;
        http.post("/v1/instances", "{\"command\":[\"sleep\"],\"handle\":\"box\"}");
        await().untilAsserted(
                        () -> assertThat(http.get("/v1/instances/box").body()).contains("running"));
    }

    private String detached(String command) throws IOException {
        Http.Answer answer = http.post(EXEC, "{\"command\":[\"" + command + "\"],\"detach\":true}");
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        Matcher id = EXEC_ID.matcher(answer.body());
        assertThat(id.find()).isTrue();
        return id.group(1);
    }

    @Test
    void oneThatIsDetachedIsListedAndCanBeKilled() throws IOException {
        String first = detached("sleep");
        String second = detached("sleep");
        assertThat(http.get(EXECS).body())
                .contains("\"exec_id\":\"" + first + "\",\"command\":[\"sleep\"]", second, "\"detached\":true");
        assertThat(http.delete(EXECS + "/" + first).body()).isEqualTo("{\"status\":\"killed\"}");
        await().untilAsserted(() -> assertThat(http.get(EXECS).body()).doesNotContain(first));
        assertThat(http.get(EXECS).body()).contains(second);
        Http.Answer again = http.delete(EXECS + "/" + first);
        assertThat(again.status()).isEqualTo(404);
        assertThat(again.body()).contains(first, "aegis exec ps");
    }

    @Test
    void oneThatCannotStartIsRefusedAtOnce() throws IOException {
        Http.Answer answer = http.post(EXEC, "{\"command\":[\"missing\"],\"detach\":true}");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(http.get(EXECS).body()).isEqualTo("[]");
    }

    @Test
    void oneWhoseTimeIsOverEndsWith124() throws IOException {
        assertThat(http.post(EXEC, "{\"command\":[\"sleep\"],\"timeout_ms\":50}")
                        .body())
                .contains("\"exit_code\":124,\"done\":true,\"error\":\"timed out");
        assertThat(http.post(EXEC, "{\"command\":[\"exit\",\"3\"],\"timeout_ms\":60000}")
                        .body())
                .contains("\"exit_code\":3,\"done\":true}");
        assertThat(http.get(EXECS).body()).isEqualTo("[]");
    }

    @Test
    void stdinIsWhatTheRequestSays() throws IOException {
        assertThat(http.post(EXEC, "{\"command\":[\"cat\"],\"stdin\":\"typed é\"}")
                        .body())
                .contains("\"line\":\"typed é\"", "\"exit_code\":0");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"command\":[\"exit\",\"0\"],\"cwd\":\"srv\"}     | absolute path",
                "{\"command\":[\"exit\",\"0\"],\"timeout_ms\":0}    | timeout_ms must be 1 or more",
                "{\"command\":[],\"detach\":true}                   | a command is required",
                "{\"command\":[\"exit\",\"\\u0000\"]}               | an argument must not contain a NUL",
                "{\"command\":[\"exit\"],\"env\":{\"A\":\"\\u0000\"}}  | env.A must not contain a NUL",
                "{\"command\":[\"exit\"],\"user\":\"a\\u0000\"}      | user must be name, uid",
            })
    void refusesWhatMakesNoSense(String body, String why) throws IOException {
        Http.Answer answer = http.post(EXEC, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).contains(why);
    }

    /** The kernel would say no more than "Argument list too long", and only after a wake. */
    @Test
    void refusesWhatNoKernelTakes() throws IOException {
        String most = "a".repeat(128 * 1024 - 1);
        String greet = "{\"command\":[\"exit\",\"0\",\"%s\"],\"env\":{\"A\":\"%s\"}}";
        for (String beyond : List.of(greet.formatted(most + "a", ""), greet.formatted("", most.substring(1)))) {
            Http.Answer answer = http.post(EXEC, beyond);
            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.body()).contains("131072 bytes, more than the 131071", "in a file, or by stdin");
        }
        String many = "\"" + most + "\"" + (",\"" + most + "\"").repeat(15);
        Http.Answer answer = http.post(EXEC, "{\"command\":[\"exit\",\"0\"," + many + "]}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).contains("more than the 2093056", "in a file, or by stdin");
    }

    @Test
    void aStreamBringsItsOwnStdin() throws IOException {
        try (Http.Connection refused = http.upgrade(EXEC, "{\"command\":[\"cat\"],\"stdin\":\"x\"}")) {
            assertThat(refused.status()).isEqualTo(400);
        }
    }

    @Test
    void oneThatIsKeptGoesOnWithoutItsClient() throws IOException {
        try (Http.Connection left = http.upgrade(EXEC, "{\"command\":[\"greet\",\"kept\"],\"keep\":true}");
                Http.Connection ends = http.upgrade(EXEC, "{\"command\":[\"greet\",\"not kept\"]}")) {
            assertThat(left.status()).isEqualTo(101);
            assertThat(ends.status()).isEqualTo(101);
            await().untilAsserted(() -> assertThat(http.get(EXECS).body()).contains("\"kept\"", "\"not kept\""));
        }
        await().untilAsserted(() -> assertThat(http.get(EXECS).body()).doesNotContain("\"not kept\""));
        assertThat(http.get(EXECS).body()).contains("\"kept\"");
    }
}
