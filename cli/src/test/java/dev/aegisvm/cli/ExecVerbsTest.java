package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.OutputCursors;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.LooseDuration;
import dev.aegisvm.api.StreamFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the options of {@code exec} and {@code shell} ask of the daemon; terminals are tried on real VMs. */
class ExecVerbsTest {
    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void script(Function<String, byte[]> script) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), script);
    }

    private void ends(ProcessExit exit) throws IOException {
        script(_ -> ScriptedDaemon.stream(StreamFrame.of(StreamFrame.Type.EXIT, exit)));
    }

    private String request() {
        return Objects.requireNonNull(daemon).requests().getFirst();
    }

    @AfterEach
    void close() throws IOException {
        if (daemon != null) {
            daemon.close();
        }
    }

    @Test
    void everyOptionTravels() throws IOException {
        ends(ProcessExit.of(3));
        String[] words = "exec --cwd /srv --user 7:8 --timeout 2m --env A=1 box -- ls".split(" ");
        assertThat(Call.at(home, words).exitCode()).isEqualTo(3);
        assertThat(request())
                .contains("\"env\":{\"A\":\"1\"}", "\"cwd\":\"/srv\"", "\"user\":\"7:8\"", "\"timeout_ms\":120000")
                .doesNotContain("\"tty\"", "\"detach\"");
    }

    @Test
    void aTerminalWithoutStdinHasTheUsualSizeWhereWeHaveNone() throws IOException {
        ends(ProcessExit.of(0));
        assertThat(Call.at(home, "exec", "-t", "box", "--", "ls").exitCode()).isZero();
        assertThat(request()).contains("\"tty\":{\"rows\":24,\"cols\":80}");
    }

    @Test
    void whatRunsOutOfTimeIsTold() throws IOException {
        ends(ProcessExit.atTimeout());
        assertThat(Call.at(home, "exec", "--timeout=1s", "box", "--", "sleep", "9"))
                .isEqualTo(new Call(
                        124, "", "aegis: --timeout has passed; the command was killed, with all that it started\n"));
    }

    @Test
    void detachPrintsTheIdOfTheExec() throws IOException {
        script(_ -> ScriptedDaemon.json("{\"exec_id\":\"exec-1\",\"pid\":7}"));
        assertThat(Call.at(home, "exec", "-d", "box", "--", "sleep", "9")).isEqualTo(new Call(0, "exec-1\n", ""));
        assertThat(request()).contains("\"detach\":true").doesNotContain("Upgrade");
    }

    @Test
    void attachShowsWhatWasWrittenAndLeavesStdinOpen() throws IOException {
        String exec = "{\"exec_id\":\"exec-1\",\"command\":[\"sh\"],\"pid\":7,\"started_at\":\"2026-01-02T03:04:05Z\","
                + "\"tty\":false,\"detached\":true}";
        script(request -> request.startsWith("GET /v1/instances/box/execs/exec-1 ")
                ? ScriptedDaemon.json(exec)
                : ScriptedDaemon.stream(
                        StreamFrame.of(StreamFrame.Type.CURSORS, new OutputCursors(0, 0)),
                        StreamFrame.of(StreamFrame.Type.STDOUT, "out".getBytes(UTF_8), 0, 3),
                        StreamFrame.note("7 bytes of stdout are not kept any more"),
                        StreamFrame.of(StreamFrame.Type.EXIT, ProcessExit.of(3))));
        assertThat(Call.at(home, "exec", "attach", "box", "exec-1"))
                .isEqualTo(new Call(3, "out", "aegis: 7 bytes of stdout are not kept any more\n"));
        assertThat(Objects.requireNonNull(daemon).requests().getLast())
                .startsWith("POST /v1/instances/box/execs/exec-1/attach?stdout=0&stderr=0 ");
        Call.at(home, "exec", "attach", "--new", "box", "exec-1");
        assertThat(daemon.requests().getLast()).startsWith("POST /v1/instances/box/execs/exec-1/attach ");
    }

    @Test
    void psShowsWhatHasEnded() throws IOException {
        String execs = """
                [{"exec_id":"exec-1","command":["false"],"pid":7,"started_at":"2026-01-02T03:04:05Z","tty":false,\
                "detached":true,"ended_at":"2026-01-02T03:04:06Z","exit":{"exit_code":139}}]""";
        script(_ -> ScriptedDaemon.json(execs));
        assertThat(Call.at(home, "exec", "ps", "-a", "box").out()).contains("exit 139 (SIGSEGV)  false");
        assertThat(request()).startsWith("GET /v1/instances/box/execs?all=true ");
    }

    @Test
    void psShowsWhatRuns() throws IOException {
        String execs = """
                [{"exec_id":"exec-1","command":["sh","-c","a b"],"pid":7,"started_at":"2026-01-02T03:04:05.6Z",\
                "tty":true,"detached":false},{"exec_id":"exec-2","command":["top"],"pid":8,\
                "started_at":"2026-01-02T03:04:06Z","tty":false,"detached":true}]""";
        script(_ -> ScriptedDaemon.json(execs));
        assertThat(Call.at(home, "exec", "ps", "box").out()).isEqualTo("""
                EXEC ID  PID  STARTED               ATTACHED  COMMAND
                exec-1   7    2026-01-02T03:04:05Z  terminal  sh -c 'a b'
                exec-2   8    2026-01-02T03:04:06Z  no        top
                """);
        assertThat(request()).startsWith("GET /v1/instances/box/execs ");
        assertThat(Call.at(home, "exec", "ps", "--json", "box").out()).isEqualTo(execs + "\n");
    }

    @Test
    void anInstanceMayBeCalledPs() throws IOException {
        ends(ProcessExit.of(0));
        assertThat(Call.at(home, "exec", "ps", "--", "ls").exitCode()).isZero();
        assertThat(request()).startsWith("POST /v1/instances/ps/exec ");
    }

    @Test
    void killTriesAll() throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.NOT_FOUND.error("no exec 'b'"));
        script(request -> request.startsWith("DELETE /v1/instances/box/execs/b ")
                ? ScriptedDaemon.json(404, refusal)
                : ScriptedDaemon.json("{\"status\":\"killed\"}"));
        assertThat(Call.at(home, "exec", "kill", "box", "a", "b", "c"))
                .isEqualTo(new Call(1, "a: killed\nc: killed\n", "aegis: no exec 'b'\n"));
    }

    @Test
    void shellTakesStdinAsAScriptWhereThereIsNoTerminal() throws IOException {
        ends(ProcessExit.of(0));
        assertThat(Call.at(home, "shell", "box").exitCode()).isZero();
        assertThat(request()).contains("exec bash; exec sh").doesNotContain("\"tty\"");
    }

    @Test
    void aFileOfVariables() throws IOException {
        ends(ProcessExit.of(0));
        Path file = Files.writeString(home.resolve("env"), "# said\n\nA= b=c \r\nB=2\nAEGIS_SURELY_UNSET\n");
        assertThat(Call.at(
                                home,
                                "exec",
                                "-e",
                                "B=3",
                                "-e",
                                "AEGIS_SURELY_UNSET",
                                "--env-file",
                                file.toString(),
                                "box",
                                "--",
                                "ls")
                        .exitCode())
                .isZero();
        assertThat(request()).contains("\"env\":{\"A\":\" b=c \",\"B\":\"3\"}");
        Files.writeString(file, "A B=1\n");
        assertThat(Call.at(home, "exec", "--env-file", file.toString(), "box", "--", "ls"))
                .isEqualTo(new Call(2, "", "aegis exec: --env-file: " + file + ":1 is not NAME=VALUE\n"));
    }

    @ParameterizedTest
    @CsvSource({"500ms,500", "30s,30000", "5m,300000", "2h,7200000", "1d,86400000", "1,", "s,", "1w,", "-1s,"})
    void durations(String text, @Nullable Long millis) {
        assertThat(LooseDuration.fine(text).map(Duration::toMillis).orElse(null))
                .isEqualTo(millis);
    }

    @Test
    void eventsOneALine() throws IOException {
        String events = """
                {"ts":"2026-01-01T00:00:00Z","instance_id":"inst-1","handle":"box","from":"none","to":"stopped","because":"made\\u001b"}
                {"ts":"2026-01-01T00:00:00Z","instance_id":"","from":"","to":"","because":"","missed":3}
                """;
        script(_ -> ScriptedDaemon.chunk(events));
        assertThat(Call.at(home, "events").out().lines().map(line -> line.replaceAll(" {2,}", "  ")))
                .isEqualTo(List.of(
                        "2026-01-01T00:00:00Z  box  none → stopped  made\\u001b",
                        "2026-01-01T00:00:00Z  (3 events skipped: this command could not keep up)"));
        assertThat(Call.at(home, "events", "-f", "--json").out()).isEqualTo(events);
        assertThat(Objects.requireNonNull(daemon).requests().getLast())
                .startsWith("GET /v1/events?follow=true&tail=0 ");
    }
}
