package dev.aegisvm.cli;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.host.Program;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl+C while a daemon has not answered: commands in JVMs of their own that leave signals to our library. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InterruptedTest {
    private static final String SNAPSHOT = """
            {"name":"first","instance":"box","created_at":"2026-01-02T03:04:05Z","memory":true,"with_secrets":false,"size_bytes":1}""";

    @TempDir
    Path home;

    private record Ended(int exitCode, String out, String err, List<String> requests) {}

    /** Interrupts a command that has sent a request, which is answered with this after that; empty: by the end. */
    private Ended interrupted(byte[] answer, String... words) throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch signalled = new CountDownLatch(1);
        Function<String, byte[]> script = _ -> {
            asked.countDown();
            try {
                signalled.await();
            } catch (InterruptedException stop) {
                throw new IllegalStateException(stop);
            }
            return answer;
        };
        String java = ProcessHandle.current().info().command().orElseThrow();
        // A build in the background of a shell ignores SIGINT, and so would what it starts.
        List<String> command = new ArrayList<>(List.of("env", "--default-signal=INT", java, "-Xrs"));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Daegis.build=../host/signals/build"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Aegis.class.getName()));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("AEGIS_HOME", home.toString());
        Path socket = home.resolve("aegisd.sock");
        Files.deleteIfExists(socket);
        try (ScriptedDaemon daemon = new ScriptedDaemon(socket, script)) {
            Process process = builder.start();
            asked.await();
            Program.run(List.of("kill", "-INT", Long.toString(process.pid())));
            signalled.countDown();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ended(process.waitFor(), out, err, daemon.requests());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "snapshot create box, an unfinished snapshot is deleted",
        "fork box, unfinished forks are deleted",
        "image pull app, 'an unfinished image is not kept, unless another command waits for it'",
        "cp box:/etc/hosts ., 'files that were copied whole stay, and no others'",
        "rewind box first, a rewind that has begun goes on",
        "up, aegis status shows whether aegisd runs",
    })
    void itEndsAndSaysWhatBecomesOfIt(String line, String becomes) throws Exception {
        Ended ended = interrupted(new byte[0], line.split(" "));
        assertThat(ended.exitCode()).isEqualTo(130);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).isEqualTo("aegis: interrupted; " + becomes + "\n");
    }

    @Test
    void programsAreToldByACode() throws Exception {
        assertThat(interrupted(new byte[0], "--json", "fork", "box").err())
                .contains("\"code\":\"interrupted\"", "unfinished forks are deleted");
    }

    @Test
    void whatWasDoneIsPrintedAndNothingMoreIsAsked() throws Exception {
        byte[] snapshot = ScriptedDaemon.json(SNAPSHOT);
        Ended ended = interrupted(snapshot, "snapshot", "create", "box", "first");
        assertThat(ended).isEqualTo(new Ended(130, "first\n", ended.err(), ended.requests()));
        assertThat(ended.err()).doesNotContain("interrupted");

        Ended several = interrupted(
                ScriptedDaemon.json("{\"id\":\"inst-1\",\"state\":\"running\",\"enabled\":true,\"command\":[],"
                        + "\"created_at\":\"2026-01-02T03:04:05Z\",\"memory_mb\":1,\"vcpus\":1}"),
                "start",
                "a",
                "b");
        assertThat(several.exitCode()).isEqualTo(130);
        assertThat(several.requests()).hasSize(1);
        assertThat(several.out()).isEqualTo("inst-1: running\n");
        assertThat(several.err()).contains("a new instance is deleted unless its name was printed");
    }
}
