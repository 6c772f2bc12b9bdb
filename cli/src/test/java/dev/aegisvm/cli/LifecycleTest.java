package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The verbs that take instances from one state to another. */
class LifecycleTest {
    private static final String STOPPED = """
            [{"id":"inst-1","state":"stopped","enabled":true,"command":["true"],"handle":"box",
            "created_at":"2026-01-02T03:04:05Z","memory_mb":512,"vcpus":1},
            {"id":"inst-2","state":"stopped","enabled":true,"command":["true"],
            "created_at":"2026-01-02T03:04:05Z","memory_mb":512,"vcpus":1}]""";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void script(Function<String, byte[]> script) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), script);
    }

    private static byte[] json(String text) {
        return ScriptedDaemon.json(text);
    }

    /** The first lines of the requests. */
    private List<String> requests() {
        return Objects.requireNonNull(daemon).requests().stream()
                .map(request -> request.substring(0, request.indexOf(" HTTP/1.1")))
                .toList();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "stop, POST /v1/instances/%s/stop, stopped",
        "disable, POST /v1/instances/%s/disable, disabled",
        "pause, POST /v1/instances/%s/pause, paused",
        "resume, POST /v1/instances/%s/resume, running",
        "delete, DELETE /v1/instances/%s, deleted",
    })
    void severalInstancesAreTakenInTurn(String verb, String route, String status) throws IOException {
        script(_ -> json("{\"status\":\"" + status + "\"}"));
        assertThat(Call.at(home, "instance", verb, "a", "b"))
                .isEqualTo(new Call(0, "a: " + status + "\nb: " + status + "\n", ""));
        assertThat(requests()).containsExactly(String.format(route, "a"), String.format(route, "b"));
    }

    @Test
    void aKeepaliveHasATimeAndAnEnd() throws IOException {
        script(request -> json(
                request.startsWith("DELETE")
                        ? "{\"status\":\"released\"}"
                        : "{\"status\":\"held\",\"until\":\"2026-01-02T03:04:05Z\"}"));
        assertThat(Call.at(home, "instance", "keepalive", "a", "b", "--for", "30m"))
                .isEqualTo(new Call(
                        0, "a: kept awake until 2026-01-02T03:04:05Z\nb: kept awake until 2026-01-02T03:04:05Z\n", ""));
        assertThat(Call.at(home, "instance", "keepalive", "a", "--release"))
                .isEqualTo(new Call(0, "a: released\n", ""));
        assertThat(requests())
                .containsExactly(
                        "POST /v1/instances/a/keepalive",
                        "POST /v1/instances/b/keepalive",
                        "DELETE /v1/instances/a/keepalive");
        assertThat(Objects.requireNonNull(daemon).requests().getFirst()).contains("{\"duration\":\"30m\"}");
    }

    @Test
    void oneThatFailsKeepsNoneFromItsTurn() throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.WRONG_STATE.error("b is stopped", "start it"));
        script(request -> request.startsWith("POST /v1/instances/b/")
                ? ScriptedDaemon.json(409, refusal)
                : json("{\"status\":\"paused\"}"));
        assertThat(Call.at(home, "instance", "pause", "a", "b", "c"))
                .isEqualTo(new Call(1, "a: paused\nc: paused\n", "aegis: b is stopped\naegis:   start it\n"));
    }

    @Test
    void pruneSaysWhatItRemoved() throws IOException {
        script(request -> json(request.startsWith("GET") ? STOPPED : "{\"pruned\":2,\"ids\":[\"inst-1\",\"inst-2\"]}"));
        assertThat(Call.at(home, "instance", "prune", "--older-than", "7d"))
                .isEqualTo(new Call(0, "box (inst-1): deleted\ninst-2: deleted\n2 instances removed\n", ""));
        assertThat(requests())
                .containsExactly("GET /v1/instances?state=stopped", "POST /v1/instances/prune?older_than=7d");
        assertThat(Call.at(home, "instance", "prune", "--json", "--stopped-older-than=1s")
                        .out())
                .isEqualTo("{\"pruned\":2,\"ids\":[\"inst-1\",\"inst-2\"]}\n");
    }

    @Test
    void pruneSaysThatThereWasNothing() throws IOException {
        script(request -> json(request.startsWith("GET") ? STOPPED : "{\"pruned\":0,\"ids\":[]}"));
        assertThat(Call.at(home, "instance", "prune", "--stopped-older-than", "7d")
                        .out())
                .isEqualTo("no instance has been stopped for more than 7d\n");
    }

    @ParameterizedTest
    @CsvSource({
        "notes, notes",
        "notes:ro, notes:ro",
        "/a/b, /a/b",
        "./a:ro, %s/./a:ro",
        "a/b, %s/a/b",
        "., %s/.",
        "~/a, %s",
        "~, %s",
    })
    void aWorkspaceThatIsAPathIsMadeAbsolute(String given, String sent) throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.BAD_REQUEST.error("no", "never"));
        script(request -> ScriptedDaemon.json(400, refusal));
        String volume = given.replace(":ro", "") + ":/in/it" + (given.endsWith(":ro") ? ":ro" : "");
        Call.at(home, "instance", "start", "--workspace", given, "-v", volume, "--", "true");
        String base = given.startsWith("~")
                ? System.getenv("HOME") + given.substring(1)
                : Path.of("").toAbsolutePath().toString();
        assertThat(Objects.requireNonNull(daemon).requests())
                .last()
                .asString()
                .contains(
                        "\"workspace\":\"" + sent.formatted(base) + "\"",
                        "\"volumes\":[\"" + sent.replace(":ro", "").formatted(base) + ":/in/it");
    }
}
