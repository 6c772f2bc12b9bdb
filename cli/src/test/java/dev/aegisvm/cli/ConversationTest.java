package dev.aegisvm.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import module java.base;
import dev.aegisvm.api.ApiJson;
import dev.aegisvm.api.ErrorCode;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.InstanceView;
import dev.aegisvm.api.StreamFrame;
import dev.aegisvm.cli.line.Session;
import dev.aegisvm.cli.terminal.Console;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the verbs ask a daemon, and what they make of its answers. */
class ConversationTest {
    private static final String INSTANCE = """
            {"id":"inst-1","state":"starting","enabled":true,"command":["sh","-c","echo 'hi'; \\u001b[31m"],
            "handle":"box","created_at":"2026-01-02T03:04:05.678Z","memory_mb":512,"vcpus":1,"disk_mb":8192,"disk_used_bytes":5000000,"ephemeral":false,
            "boot":{"mode":"template","total_ms":123.4,"stages":{"disk":3.2,"spawn":40}}}""";

    @TempDir
    Path home;

    private @Nullable ScriptedDaemon daemon;

    private void script(Function<String, byte[]> script) throws IOException {
        daemon = new ScriptedDaemon(home.resolve("aegisd.sock"), script);
    }

    private void says(String json) throws IOException {
        script(_ -> ScriptedDaemon.json(json));
    }

    /** Creates an instance, then streams. */
    private void streams(StreamFrame... frames) throws IOException {
        script(request ->
                request.contains("Upgrade: ") ? ScriptedDaemon.stream(frames) : ScriptedDaemon.json(INSTANCE));
    }

    private static StreamFrame created() {
        return StreamFrame.of(StreamFrame.Type.CREATED, ApiJson.answer(InstanceView.class, INSTANCE.getBytes(UTF_8)));
    }

    private static StreamFrame bytes(StreamFrame.Type type, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        return StreamFrame.of(type, bytes, 0, bytes.length);
    }

    private static StreamFrame exit(int code) {
        return StreamFrame.of(StreamFrame.Type.EXIT, ProcessExit.of(code));
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
    void statusOfADaemon() throws IOException {
        says("{\"status\":\"running\",\"backend\":\"qemu\",\"capabilities\":{},\"version\":\"1\"}");
        assertThat(Call.at(home, "status")).isEqualTo(new Call(0, "aegisd: running\nbackend: qemu\n", ""));
        assertThat(Call.at(home, "status", "--json").out()).contains("\"backend\":\"qemu\"");
        assertThat(Call.at(home, "up").out()).startsWith("aegisd: running (pid ");
    }

    @Test
    void statusAndDoctorSayWhenTheHttpRouterDoesNotListen() throws IOException {
        says("{\"status\":\"running\",\"backend\":\"qemu\",\"capabilities\":{},\"version\":\"1\","
                + "\"router_error\":\"cannot listen\"}");
        assertThat(Call.at(home, "status"))
                .isEqualTo(new Call(0, "aegisd: running\nbackend: qemu\nHTTP router: cannot listen\n", ""));
        assertThat(Call.at(home, "doctor").out()).contains("note  HTTP router: cannot listen");
    }

    @Test
    void statusAndDoctorSayWhatIsHeldForGuestsAndClients() throws IOException {
        says("{\"status\":\"running\",\"backend\":\"qemu\",\"capabilities\":{},\"version\":\"1\","
                + "\"held\":{\"bytes\":3000000,\"files\":3,\"max_bytes\":320000000,\"max_files\":256}}");
        String held = "held for guests and clients: 3.0 MB of 320 MB, 3 of 256 descriptors";
        assertThat(Call.at(home, "status"))
                .isEqualTo(new Call(0, "aegisd: running\nbackend: qemu\n" + held + "\n", ""));
        assertThat(Call.at(home, "doctor").out()).contains("ok    " + held);
    }

    @Test
    void statusOfNone() {
        assertThat(Call.at(home, "status")).isEqualTo(new Call(3, "aegisd: stopped\n", ""));
        assertThat(Call.at(home, "status", "--json")).isEqualTo(new Call(3, "{\"status\":\"stopped\"}\n", ""));
        assertThat(Call.at(home, "down")).isEqualTo(new Call(0, "aegisd: stopped\n", ""));
    }

    /** As of {@code --env-file <(…)}, which can be read once. */
    @Test
    void runTakesVariablesFromAPipe() throws IOException {
        streams(created(), exit(0));
        String pipe = home.resolve("pipe").toString();
        new ProcessBuilder("mkfifo", pipe).start().onExit().join();
        new ProcessBuilder("timeout", "5", "sh", "-c", "echo A=b >\"$0\"; sleep 1; : >\"$0\"", pipe).start();
        assertThat(Call.at(home, "run", "--env-file", pipe, "--", "true").exitCode())
                .isZero();
        assertThat(requests()).first(STRING).contains("\"env\":{\"A\":\"b\"}");
    }

    @Test
    void runPassesOnBytesNotesAndTheExitCode() throws IOException {
        streams(
                created(),
                bytes(StreamFrame.Type.STDOUT, "out\u0000\u001b[0m"),
                bytes(StreamFrame.Type.STDERR, "err"),
                StreamFrame.note("guest ran out of memory\u001b[2J"),
                exit(42));
        assertThat(Call.at(
                        home,
                        "run",
                        "--env",
                        "A=b=c",
                        "--memory",
                        "1g",
                        "--cpus=2",
                        "--disk",
                        "2G",
                        "--",
                        "sh",
                        "-c",
                        "--help"))
                .isEqualTo(new Call(42, "out\u0000\u001b[0m", "erraegis: guest ran out of memory\\u001b[2J\n"));
        assertThat(requests().getFirst())
                .contains("\"command\":[\"sh\",\"-c\",\"--help\"]")
                .contains("\"env\":{\"A\":\"b=c\"}")
                .contains("\"memory_mb\":1024,\"vcpus\":2,\"disk_mb\":2048,\"ephemeral\":true")
                .startsWith("POST /v1/instances ")
                .contains("Upgrade: aegis-stream");
    }

    @ParameterizedTest
    @CsvSource({"COMMAND_NOT_FOUND, 127", "COMMAND_NOT_EXECUTABLE, 126", "BOOT_FAILED, 125", "INTERNAL, 125"})
    void runTellsWhyNothingRan(ErrorCode code, int exitCode) throws IOException {
        streams(StreamFrame.of(StreamFrame.Type.ERROR, code.error("no frob\u0007", "try foo")));
        assertThat(Call.at(home, "run", "--", "frob"))
                .isEqualTo(new Call(exitCode, "", "aegis: no frob\\u0007\naegis:   try foo\n"));
    }

    @Test
    void runThatIsBrokenOffIsOurFailure() throws IOException {
        script(request -> request.contains("Upgrade: ")
                ? "HTTP/1.1 101 Switching Protocols\r\n\r\n\13\0\0\0\0".getBytes(UTF_8)
                : ScriptedDaemon.json(INSTANCE));
        Call call = Call.at(home, "run", "--", "a");
        assertThat(call.exitCode()).isEqualTo(125);
    }

    @Test
    void execAsksForACommandInAnInstance() throws IOException {
        streams(bytes(StreamFrame.Type.STDOUT, "x\n"), exit(137));
        assertThat(Call.at(home, "exec", "--env", "A=1", "box", "--", "ls", "-l"))
                .isEqualTo(new Call(137, "x\n", ""));
        assertThat(requests().getFirst())
                .startsWith("POST /v1/instances/box/exec ")
                .contains("\"command\":[\"ls\",\"-l\"],\"env\":{\"A\":\"1\"}");
    }

    @Test
    void aRefusalHasItsExitCode() throws IOException {
        byte[] refusal = ApiJson.write(ErrorCode.NOT_FOUND.error("there is no instance 'x'"));
        script(_ -> ScriptedDaemon.json(404, refusal));
        assertThat(Call.at(home, "exec", "x", "--", "a"))
                .isEqualTo(new Call(125, "", "aegis: there is no instance 'x'\n"));
        assertThat(Call.at(home, "instance", "info", "x").exitCode()).isEqualTo(1);
        assertThat(Call.at(home, "logs", "x").exitCode()).isEqualTo(1);
        assertThat(Call.at(home, "instance", "delete", "x").exitCode()).isEqualTo(1);
    }

    @Test
    void showsAnInstance() throws IOException {
        says(INSTANCE);
        assertThat(Call.at(home, "instance", "info", "box").out()).isEqualTo("""
                name:         box
                id:           inst-1
                state:        starting
                enabled:      yes
                command:      sh -c 'echo '\\''hi'\\''; \\u001b[31m'
                image:        aegis:base
                size:         512 MB, 1 vCPU
                disk:         8192 MB, 5 MB used on the host
                connections:  0
                created:      2026-01-02T03:04:05.678Z
                boot:         template, 123 ms (disk 3, spawn 40)
                """);
    }

    @Test
    void showsWhyAnInstanceIsAwake() throws IOException {
        says(INSTANCE.replaceFirst(
                "\\{", "{\"idle\":{\"activity\":\"awake: an exec runs\",\"pause\":\"1m\",\"stop\":\"never\"},"));
        assertThat(Call.at(home, "instance", "info", "box").out())
                .contains("activity:     awake: an exec runs\n", "idle:         pause: 1m, stop: never\n");
    }

    @Test
    void logsGoWhereTheyCameFromAndSystemLinesAreTame() throws IOException {
        String entries = """
                {"ts":"2026-01-01T00:00:00Z","stream":"stdout","line":"a","source":"server","instance_id":"i"}
                {"ts":"2026-01-01T00:00:00Z","stream":"stdout","line":"b","source":"server","instance_id":"i","partial":true}
                {"ts":"2026-01-01T00:00:00Z","stream":"stdout","line":"c","source":"server","instance_id":"i"}
                {"ts":"2026-01-01T00:00:00Z","stream":"stderr","line":"e","source":"exec","instance_id":"i"}
                {"ts":"2026-01-01T00:00:00Z","stream":"system","line":"panic \\u001b[2J","source":"system","instance_id":"i"}
                """;
        script(_ -> ScriptedDaemon.chunk(entries));
        assertThat(Call.at(home, "logs", "box", "--tail", "5"))
                .isEqualTo(new Call(0, "a\nbc\n-- panic \\u001b[2J\n", "e\n"));
        assertThat(requests().getFirst()).startsWith("GET /v1/instances/box/logs?tail=5 ");
        assertThat(Call.at(home, "logs", "-f", "box", "--json").out()).isEqualTo(entries);
        assertThat(requests().getLast()).startsWith("GET /v1/instances/box/logs?follow=true ");
    }

    @Test
    void aReaderThatLeavesIsNoFailureToSpeakOf() throws IOException {
        streams(created(), bytes(StreamFrame.Type.STDOUT, "x\n"), exit(0));
        Pipe pipe = Pipe.open();
        pipe.source().close();
        StringBuilder err = new StringBuilder();
        Console console =
                new Console(new ByteArrayInputStream(new byte[0]), pipe.sink(), collecting(err), false, false);
        Session session = new Session(console, Map.of("AEGIS_HOME", home.toString()));
        assertThat(new Aegis(session).run(List.of("run", "--", "yes"))).isEqualTo(141);
        assertThat(err).isEmpty();
    }

    private static WritableByteChannel collecting(StringBuilder text) {
        return Channels.newChannel(new OutputStream() {
            @Override
            public void write(int each) {
                text.append((char) each);
            }
        });
    }
}
