package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.*;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What fingers learned elsewhere, and what the words for it ask of a daemon. */
class HabitsTest {
    private static final String BOX = """
            {"id":"inst-1","state":"running","enabled":true,"command":["sh","-c","echo 'a long command that is cut'"],
            "handle":"box","router_addr":"127.0.0.1:8099","created_at":"2026-01-02T03:04:05Z","memory_mb":512,"vcpus":1,
            "image_ref":"debian:13",
            "endpoints":[{"guest_port":80,"public_port":8080,"protocol":"http","bound":true}],"labels":{"team":"a"}}""";
    private static final String ENDED = """
            {"id":"inst-2","state":"stopped","enabled":true,"command":["true"],"created_at":"2026-01-02T03:04:05Z",
            "stopped_at":"2026-01-02T03:05:06.7Z","exit_code":42,"memory_mb":512,"vcpus":1}""";
    private static final String DISABLED = """
            {"id":"inst-3","state":"stopped","enabled":false,"command":["true"],"created_at":"2026-01-02T03:04:05Z",
            "memory_mb":512,"vcpus":1}""";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void script(Function<String, byte[]> script) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), script);
    }

    private void says(String json) throws IOException {
        script(_ -> json(json));
    }

    private static byte[] json(String text) {
        return ScriptedDaemon.json(text);
    }

    private static byte[] refusal(ErrorCode code, String sentence) {
        return ScriptedDaemon.json(code.status(), ApiJson.write(code.error(sentence)));
    }

    private List<String> requests() {
        return Objects.requireNonNull(daemon).requests();
    }

    /** The first lines of the requests. */
    private List<String> asked() {
        return requests().stream()
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
        "stop box, POST /v1/instances/box/stop",
        "rm box, DELETE /v1/instances/box?if_stopped=true",
        "rm -f box, DELETE /v1/instances/box",
        "rmi debian:13, DELETE /v1/images?image=debian%3A13",
    })
    void aWordDoesToEachWhatFingersExpect(String words, String request) throws IOException {
        says("{\"status\":\"done\"}");
        String[] line = words.split(" ", -1);
        String name = line[line.length - 1];
        assertThat(Call.at(home, line)).isEqualTo(new Call(0, name + ": done\n", ""));
        assertThat(asked()).containsExactly(request);
    }

    @Test
    void aNewHomeIsListedWithoutADaemon() {
        assertThat(Call.at(home, "ps").out()).startsWith("NAME  STATE").hasLineCount(1);
        assertThat(Call.at(home, "instance", "list", "--json").out()).isEqualTo("[]\n");
        assertThat(home).isEmptyDirectory();
    }

    @Test
    void psShowsWhatIsNotStopped() throws IOException {
        says("[" + BOX + "]");
        assertThat(Call.at(home, "ps").out()).matches("""
                NAME  STATE    AGE +IMAGE      PORTS    COMMAND
                box   running  \\d+d +debian:13  8080:80  sh -c 'echo '\\\\''a long comman…
                """);
        assertThat(Call.at(home, "ps", "-q").out()).isEqualTo("box\n");
        Call.at(home, "ls", "-a");
        Call.at(home, "ps", "--filter", "label=team=a", "--filter", "status=exited", "--filter", "name=b");
        assertThat(asked())
                .containsSequence("GET /v1/instances?state=starting&state=running&state=paused")
                .endsWith("GET /v1/instances", "GET /v1/instances?label=team%3Da&state=stopped&name=b");
    }

    @Test
    void psHasOneStateWithTheExitCode() throws IOException {
        says("[" + BOX + "," + ENDED + "," + DISABLED + "]");
        assertThat(Call.at(home, "ps", "-a").out())
                .contains("inst-2  stopped, exit 42  ")
                .contains("inst-3  disabled          ");
    }

    @Test
    void theListBeginsWithTheColumnsThatProgramsKnow() throws IOException {
        says("[" + BOX + "," + ENDED + "]");
        assertThat(Call.at(home, "instance", "list").out())
                .startsWith("ID      HANDLE  STATUS   STATE    STOPPED AT            EXIT  AGE")
                .containsPattern(
                        "inst-2  -       enabled  stopped  2026-01-02T03:05:06Z  42    \\d+d +aegis:base +- +- +true\n");
        assertThat(Call.colouredAt(home, true, "instance", "list", "--stopped").out())
                .contains("\u001b[32mrunning\u001b[0m  -");
        assertThat(asked().getLast()).isEqualTo("GET /v1/instances?state=stopped");
        assertThat(Call.at(home, "instance", "list", "--json").out()).isEqualTo("[" + BOX + "," + ENDED + "]\n");
    }

    @Test
    void portAndInspectShowOne() throws IOException {
        says(BOX);
        assertThat(Call.at(home, "port", "box").out()).isEqualTo("http://127.0.0.1:8080 → 80/http\n");
        assertThat(Call.at(home, "inspect", "box").out()).isEqualTo(BOX + "\n");
        assertThat(Call.at(home, "instance", "info", "box").out()).contains("labels:       {team=a}\n");
    }

    @Test
    void rmSaysHowToDeleteWhatRuns() throws IOException {
        script(_ -> refusal(ErrorCode.WRONG_STATE, "instance 'box' is running"));
        assertThat(Call.at(home, "rm", "box"))
                .isEqualTo(
                        new Call(
                                1,
                                "",
                                "aegis: instance 'box' is running\naegis:   stop it first, or delete it all the same: aegis rm -f box\n"));
    }

    @Test
    void aStartIsWaitedForUnlessThatIsNotWanted() throws IOException {
        says(BOX);
        assertThat(Call.at(home, "start", "--name", "box", "--", "true"))
                .isEqualTo(new Call(0, "box (inst-1): running\n  http://127.0.0.1:8080 → 80/http\n", ""));
        assertThat(Call.at(home, "instance", "start", "--no-wait", "-q", "--", "true")
                        .out())
                .isEqualTo("box\n");
        assertThat(asked()).containsExactly("POST /v1/instances?wait=true", "POST /v1/instances");
    }

    @Test
    void dockersOptionsAreUnderstood() throws IOException {
        says(BOX);
        String line = "run -d --rm --name box -e A=b -p 8080:80 -m 1g -w /srv -u 7 --timeout 2m --ttl 1h"
                + " --label team=a --label x= -- node server.js";
        assertThat(Call.at(home, line.split(" ", -1))).isEqualTo(new Call(0, "box\n", ""));
        assertThat(requests().getFirst())
                .startsWith("POST /v1/instances?wait=true ")
                .contains("\"env\":{\"A\":\"b\"},\"cwd\":\"/srv\",\"user\":\"7\",\"timeout_ms\":120000")
                .contains("\"memory_mb\":1024", "{\"port\":80,\"public_port\":8080}", "\"ttl\":\"1h\"")
                .contains("\"labels\":{\"team\":\"a\",\"x\":\"\"},\"auto_remove\":true")
                .doesNotContain("ephemeral");
    }

    @Test
    void severalAreStartedAndOneThatFailsKeepsNoneFromItsTurn() throws IOException {
        script(request -> request.contains("\"handle\":\"b\"")
                ? refusal(ErrorCode.COMMAND_NOT_FOUND, "command not found: frob")
                : json(BOX));
        assertThat(Call.at(home, "start", "-q", "a", "b", "c"))
                .isEqualTo(new Call(127, "box\nbox\n", "aegis: command not found: frob\n"));
        assertThat(Call.at(home, "restart", "-q", "a").out()).isEqualTo("box\n");
        assertThat(asked()).endsWith("POST /v1/instances/a/stop", "POST /v1/instances?wait=true");
    }

    @Test
    void whatDidNotStartSaysWhyWithItsExitCodeAndTheEndOfItsLog() throws IOException {
        byte[] failure = ApiJson.write(ErrorCode.COMMAND_NOT_FOUND
                .error("command not found: nosuch")
                .withLog(List.of("start failed: \u0007")));
        script(_ -> ScriptedDaemon.json(422, failure));
        assertThat(Call.at(home, "instance", "start", "--name", "bad", "--", "nosuch"))
                .isEqualTo(new Call(127, "", """
                        aegis: command not found: nosuch
                        aegis:   | start failed: \\u0007
                        """));
        assertThat(Call.at(home, "start", "--json", "--name", "bad", "--", "nosuch"))
                .isEqualTo(new Call(127, "", new String(failure, UTF_8) + "\n"));
    }

    private static String event(String to, String exitCode) {
        return "{\"ts\":\"2026-01-02T03:04:05Z\",\"instance_id\":\"inst-1\",\"from\":\"x\",\"to\":\"" + to
                + "\",\"because\":\"why\"" + exitCode + "}\n";
    }

    @ParameterizedTest
    @CsvSource({
        "stopping stopped, stopped, 7",
        "stopping deleting deleted, deleting, 7",
        "stopped, stopped, ",
    })
    void waitExitsWithTheCodeOfTheMainProcess(String states, String last, @Nullable Integer code) throws IOException {
        StringBuilder events = new StringBuilder(event("running", "").replace("inst-1", "inst-9"));
        for (String state : states.split(" ", -1)) {
            events.append(event(state, code == null ? "" : ",\"exit_code\":" + code));
        }
        script(request -> request.startsWith("GET /v1/events") ? ScriptedDaemon.chunk(events.toString()) : json(BOX));
        Call waited = Call.at(home, "wait", "box");
        assertThat(waited)
                .isEqualTo(
                        code == null
                                ? new Call(125, "", "aegis: box has no exit code: why\n")
                                : new Call(code, "", ""));
        assertThat(asked()).contains("GET /v1/events?follow=true&tail=0", "GET /v1/instances/box");
    }

    @Test
    void waitNeedNotWaitForWhatHasEnded() throws IOException {
        script(request -> request.startsWith("GET /v1/events") ? ScriptedDaemon.chunk("") : json(ENDED));
        assertThat(Call.at(home, "wait", "inst-2")).isEqualTo(new Call(42, "", ""));
        assertThat(Call.at(home, "wait", "inst-2", "--json").out()).isEqualTo("{\"exit_code\":42}\n");
    }

    @Test
    void waitAsksAgainWhereItMissedChanges() throws IOException {
        String missed = """
                {"ts":"2026-01-02T03:04:05Z","instance_id":"","from":"","to":"","because":"too slow","missed":3}
                """;
        AtomicInteger looks = new AtomicInteger();
        script(request -> {
            if (request.startsWith("GET /v1/events")) {
                return ScriptedDaemon.chunk(missed);
            }
            return json(looks.getAndIncrement() == 0 ? BOX : ENDED);
        });
        assertThat(Call.at(home, "wait", "box")).isEqualTo(new Call(42, "", ""));
        assertThat(asked()).endsWith("GET /v1/instances/box", "GET /v1/instances/inst-1");
    }

    @Test
    void killIsDoneWhenTheInstanceIsStopped() throws IOException {
        script(request -> {
            if (request.startsWith("GET /v1/events")) {
                return ScriptedDaemon.chunk(event("stopping", "") + event("stopped", ""));
            }
            return json(request.startsWith("DELETE") ? "{\"status\":\"killed\"}" : BOX);
        });
        assertThat(Call.at(home, "kill", "box")).isEqualTo(new Call(0, "box: killed\n", ""));
        assertThat(asked()).contains("DELETE /v1/instances/box/execs/main");
    }

    @Test
    void killSendsAnotherSignalAndWaitsForNothing() throws IOException {
        says("{\"status\":\"signalled\"}");
        assertThat(Call.at(home, "kill", "-s", "SIGUSR1", "box")).isEqualTo(new Call(0, "box: signalled\n", ""));
        assertThat(Call.at(home, "kill", "-s", "15", "box").exitCode()).isZero();
        assertThat(asked())
                .containsExactly(
                        "DELETE /v1/instances/box/execs/main?signal=10",
                        "DELETE /v1/instances/box/execs/main?signal=15");
    }

    @Test
    void aVariableIsTakenFromHere() throws IOException {
        says(BOX);
        Call.at(home, "run", "-d", "-e", "PATH", "-e", "AEGIS_SURELY_UNSET", "-e", "A=", "--", "true");
        assertThat(requests().getFirst()).contains("\"env\":{\"PATH\":\"" + System.getenv("PATH") + "\",\"A\":\"\"}");
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1:8080:80", "localhost:8080:80", "8080:80"})
    void anAddressOfThisHostSaysWhatIsSoAnyway(String port) throws IOException {
        says(BOX);
        Call.at(home, "run", "-d", "-p", port, "--", "true");
        Call.at(home, "instance", "expose", "box", port);
        assertThat(requests()).allMatch(request -> request.contains("{\"port\":80,\"public_port\":8080}"));
    }

    @Test
    void aNameIsChanged() throws IOException {
        says(BOX);
        assertThat(Call.at(home, "rename", "old", "box")).isEqualTo(new Call(0, "old: renamed to box\n", ""));
        assertThat(requests().getFirst())
                .startsWith("POST /v1/instances/old/rename ")
                .contains("{\"handle\":\"box\"}");
    }

    @Test
    void everyVerbSpeaksJsonErrorsToo() throws IOException {
        script(request -> request.startsWith("POST")
                ? json("{\"status\":\"stopped\"}")
                : refusal(ErrorCode.NOT_FOUND, "there is no instance 'x'"));
        assertThat(Call.at(home, "stop", "--json", "a", "b").out())
                .isEqualTo("{\"name\":\"a\",\"status\":\"stopped\"}\n{\"name\":\"b\",\"status\":\"stopped\"}\n");
        assertThat(Call.at(home, "--json", "stop", "a").out()).isEqualTo("{\"name\":\"a\",\"status\":\"stopped\"}\n");
        assertThat(Call.at(home, "--json", "--", "stop").exitCode()).isEqualTo(2);
        assertThat(Call.at(home, "stop", "-q", "a").out()).isEqualTo("a\n");
        assertThat(Call.at(home, "inspect", "x", "--json"))
                .isEqualTo(new Call(1, "", "{\"error\":\"there is no instance 'x'\",\"code\":\"not_found\"}\n"));
        assertThat(Call.at(home, "inspect", "--json").err())
                .isEqualTo("{\"error\":\"aegis inspect: <name|id> is missing: aegis inspect <name|id>…\","
                        + "\"code\":\"usage\"}\n");
        assertThat(Call.at(home, "frob", "--json").err()).startsWith("{\"error\":\"aegis: unknown command 'frob'");
        assertThat(Call.at(home, "exec", "x", "--", "ls", "--json").err())
                .as("that one is the command's")
                .startsWith("aegis: ");
    }
}
