package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.StreamFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever exposes a port is told where requests arrive, and warned when somebody else has the router's port. */
class RouterNoticeTest {
    private static final String WARNING = "aegis: warning: the HTTP router cannot listen, another has it\n";
    private static final String INSTANCE = """
            {"id":"inst-1","state":"starting","enabled":true,"command":["a"],"created_at":"2026-01-02T03:04:05Z","handle":"web",
            "endpoints":[{"guest_port":80,"public_port":8080,"protocol":"http","bound":true},
            {"guest_port":5432,"public_port":20001,"protocol":"tcp","bound":true}]""";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void daemon(String router) throws IOException {
        String instance = INSTANCE + (router.contains("router_addr") ? "," + router : "") + "}";
        String status = "{\"status\":\"running\",\"backend\":\"qemu\",\"version\":\"1\",\"pid\":7," + router + "}";
        StreamFrame[] run = {
            StreamFrame.of(StreamFrame.Type.CREATED, ApiJson.answer(InstanceView.class, instance.getBytes(UTF_8))),
            StreamFrame.of(StreamFrame.Type.EXIT, ProcessExit.of(0))
        };
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), request -> {
            if (request.contains("Upgrade: ")) {
                return ScriptedDaemon.stream(run);
            }
            return ScriptedDaemon.json(request.startsWith("GET /v1/status") ? status : instance);
        });
    }

    @AfterEach
    void close() throws IOException {
        Objects.requireNonNull(daemon).close();
    }

    @Test
    void whereItListensIsShownWithTheEndpoints() throws Exception {
        daemon("\"router_addr\":\"127.0.0.1:8123\"");
        assertThat(Call.at(home, "status").out()).endsWith("HTTP router: http://127.0.0.1:8123\n");
        assertThat(Call.at(home, "instance", "info", "web").out())
                .contains("endpoints:    http://127.0.0.1:8080 → 80/http, tcp://127.0.0.1:20001 → 5432/tcp\n")
                .contains("HTTP router:  http://127.0.0.1:8123 with X-Aegis-Instance: web\n");
        assertThat(Call.at(home, "up").err()).isEmpty();
        assertThat(Call.at(home, "instance", "start", "--expose", "80", "--", "a"))
                .isEqualTo(new Call(
                        0,
                        "web (inst-1): starting\n  http://127.0.0.1:8080 → 80/http\n  tcp://127.0.0.1:20001 → 5432/tcp\n",
                        ""));
    }

    @Test
    void thatAnotherProgramHasItsPortIsAWarningWhereItMatters() throws Exception {
        daemon("\"router_error\":\"cannot listen, another has it\"");
        assertThat(Call.at(home, "status").out()).endsWith("HTTP router: cannot listen, another has it\n");
        assertThat(Call.at(home, "instance", "info", "web").out())
                .contains("HTTP router:  does not listen; `aegis status` says why\n");
        assertThat(Call.at(home, "up")).isEqualTo(new Call(0, "aegisd: running (pid 7)\n", WARNING));
        assertThat(Call.at(home, "instance", "start", "--expose", "80", "--", "a")
                        .err())
                .isEqualTo(WARNING);
        assertThat(Call.at(home, "run", "--expose", "80", "--", "a").err()).startsWith(WARNING);
    }
}
