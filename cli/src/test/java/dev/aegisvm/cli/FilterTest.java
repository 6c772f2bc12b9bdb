package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Instances that are chosen in place of being named, and the choice of what is told of them. */
class FilterTest {
    private static final String INSTANCE = """
            {"id":"inst-1","state":"running","enabled":true,"command":["a"],"handle":"%s","created_at":"2026-01-02T03:04:05Z"}""";

    @TempDir
    Path home;

    private ScriptedDaemon daemon;

    @BeforeEach
    void start() throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), FilterTest::answer);
    }

    @AfterEach
    void close() throws IOException {
        daemon.close();
    }

    private static byte[] answer(String request) {
        String target = target(request);
        if (target.contains("/events") || target.contains("/logs")) {
            return ScriptedDaemon.chunk("");
        }
        String all = "[" + INSTANCE.formatted("a") + "," + INSTANCE.formatted("b") + "]";
        String body = switch (target) {
            case "GET /v1/instances?label=team%3Da" -> all;
            case "GET /v1/instances?label=none" -> "[]";
            case "POST /v1/instances/a/snapshots", "POST /v1/instances/b/snapshots" ->
                "{\"name\":\"s-" + target.charAt("POST /v1/instances/".length())
                        + "\",\"instance\":\"a\",\"created_at\":\"2026-01-02T03:04:05Z\",\"memory\":true}";
            case "PATCH /v1/instances/a/network", "PATCH /v1/instances/b/network" -> "{\"mode\":\"none\"}";
            case "GET /v1/instances/a/stats", "GET /v1/instances/b/stats" ->
                "{\"id\":\"inst-" + target.charAt("GET /v1/instances/".length())
                        + "\",\"since\":\"2026-01-02T03:00:00Z\",\"state\":\"stopped\",\"at\":\"2026-01-02T03:04:05Z\",\"wakes\":{\"paused\":{\"count\":0,"
                        + "\"failed\":0},\"stopped\":{\"count\":0,\"failed\":0}}}";
            default -> "{\"status\":\"done\"}";
        };
        return ScriptedDaemon.json(body);
    }

    private static String target(String request) {
        return request.substring(0, request.indexOf(" HTTP/1.1"));
    }

    private List<String> asked() {
        return daemon.requests().stream().map(FilterTest::target).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "stop, POST, stop, 'a: done\nb: done\n'",
        "instance pause, POST, pause, 'a: done\nb: done\n'",
        "instance resume, POST, resume, 'a: done\nb: done\n'",
        "snapshot create, POST, snapshots, 's-a\ns-b\n'",
    })
    void aVerbIsAboutThoseThatAreChosen(String verb, String method, String path, String printed) {
        Call call = Call.at(home, (verb + " --filter label=team=a").split(" ", -1));
        assertThat(call).isEqualTo(new Call(0, printed.replace("\\n", "\n"), ""));
        assertThat(asked())
                .containsExactly(
                        "GET /v1/instances?label=team%3Da",
                        method + " /v1/instances/a/" + path, method + " /v1/instances/b/" + path);
    }

    @Test
    void soAreDeletionStatisticsAndPolicies() throws IOException {
        Call.at(home, "rm", "-f", "--filter", "label=team=a");
        assertThat(asked()).contains("DELETE /v1/instances/a", "DELETE /v1/instances/b");
        assertThat(Call.at(home, "stats", "--filter", "label=team=a").out().lines())
                .hasSize(3);
        assertThat(Call.at(home, "stats", "--json", "--filter", "label=none").out())
                .isEqualTo("[]\n");
        Path policy = Files.writeString(home.resolve("policy.toml"), "network = \"none\"");
        Call applied = Call.at(home, "network", "apply", "--filter", "label=team=a", policy.toString());
        assertThat(applied.exitCode()).isZero();
        assertThat(asked()).contains("PATCH /v1/instances/a/network", "PATCH /v1/instances/b/network");
    }

    @Test
    void whatIsNotThereIsToldAndWhatIsAmbiguousRefused() {
        assertThat(Call.at(home, "stop", "--filter", "label=none"))
                .isEqualTo(new Call(0, "", "aegis: no instance matches the filter\n"));
        assertThat(Call.at(home, "stop", "box", "--filter", "label=none").err())
                .isEqualTo("aegis instance stop: --filter and 'box' cannot be used together\n");
        assertThat(Call.at(home, "network", "apply", "--filter", "label=none").err())
                .startsWith("aegis network apply: <file> is missing");
        assertThat(Call.at(home, "snapshot", "create", "--filter", "label=none", "name")
                        .exitCode())
                .isEqualTo(2);
        assertThat(Call.at(home, "stop", "--filter", "none").err()).contains("malformed --filter");
    }

    @ParameterizedTest
    @CsvSource({
        "events, /v1/events",
        "events -f, /v1/events?follow=true&tail=0",
        "events -f --tail 2, /v1/events?follow=true&tail=2",
        "events -f --since 10m, /v1/events?follow=true&since=10m",
        "events --since 2h --until 1h, /v1/events?since=2h&until=1h",
        "events --filter label=a=b --filter status=exited --filter name=x, /v1/events?label=a%3Db&state=stopped&name=x",
        "logs --source main box, /v1/instances/box/logs?source=server",
        "logs --source server box, /v1/instances/box/logs?source=server",
    })
    void whatIsToldIsChosen(String line, String asked) {
        assertThat(Call.at(home, line.split(" ", -1)).exitCode()).isZero();
        assertThat(asked()).containsExactly("GET " + asked);
    }
}
