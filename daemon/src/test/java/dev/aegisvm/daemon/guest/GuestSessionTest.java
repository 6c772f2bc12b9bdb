package dev.aegisvm.daemon.guest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.api.ExecViews.ProcessExit;
import dev.aegisvm.api.TerminalSize;
import dev.aegisvm.daemon.guest.GuestSession.Health;
import dev.aegisvm.guest.protocol.*;
import dev.aegisvm.vmm.GuestDevices;
import dev.aegisvm.vmm.Network;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GuestSessionTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private FakeHarness harness;
    private GuestSession session;

    @BeforeEach
    void connect() throws Exception {
        harness = FakeHarness.open();
        CompletableFuture<Void> hello = meanwhile(harness::answerHello);
        session = GuestSession.open(harness.hostEnd(), LIMIT);
        hello.get();
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
        harness.close();
    }

    @Test
    void healthComesInUnits() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() ->
                harness.answer("{\"version\":1,\"uptime_ms\":1500,\"processes\":2,\"cpu_ms\":30,\"net_bytes\":99}"));

        Health health = session.health(LIMIT);
        guest.get();

        assertThat(health).isEqualTo(new Health(Duration.ofMillis(30), 99));
    }

    /** Whoever reckons with it, in nanoseconds too, must not overflow. */
    @Test
    void absurdHealthIsBounded() throws Exception {
        CompletableFuture<Void> guest =
                meanwhile(() -> harness.answer("{\"version\":1,\"uptime_ms\":-1,\"processes\":2," + "\"cpu_ms\":"
                        + Long.MAX_VALUE + ",\"net_bytes\":-5}"));

        Health health = session.health(LIMIT);
        guest.get();

        assertThat(health.cpu().toNanos()).isPositive();
        assertThat(health.netBytes()).isZero();
    }

    @Test
    void theIdentityIsSentWithFreshEntropyAndTheClock() throws Exception {
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> answer("{\"entropy_bits\":512}"));
        Network network = new Network("10.0.2.15/24", "10.0.2.2", List.of("10.0.2.3"));

        session.identify("box", Optional.of(network), false).await();

        assertThat(call.get())
                .contains("\"method\":\"identify\"", "\"hostname\":\"box\"", "\"interface\":\"eth0\"")
                .contains("\"unix_ns\":1", "\"address\":\"10.0.2.15/24\"", "\"dns\":[\"10.0.2.3\"]")
                .containsPattern("\"entropy\":\"[A-Za-z0-9+/]{86}==\"")
                .containsPattern("\"machine_id\":\"[0-9a-f]{32}\"")
                .doesNotContain("\"mac\"", "\"hosts\"", "null");
    }

    /** Of a harness in a memory that was saved, which may be an older one, nothing more is asked than ever. */
    @Test
    void theIdentityHasTheFieldsThatEachHarnessKnows() throws Exception {
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> answer("{\"entropy_bits\":512}"));

        session.identify("box", Optional.empty(), true).await();

        String fields =
                "\"entropy\":\"[^\"]*\",\"unix_ns\":[0-9]+,\"hostname\":\"box\",\"machine_id\":\"[0-9a-f]+\",\"gateway\":true";
        assertThat(call.get()).containsPattern("\"params\":\\{" + fields + "}");
    }

    @Test
    void theCallsThatAnswerNothing() throws Exception {
        CompletableFuture<List<String>> calls =
                CompletableFuture.supplyAsync(() -> List.of(answer("{}"), answer("{}"), answer("{}"), answer("{}")));

        session.mount(new GuestDevices("vda", "vdb", "share")).await();
        session.clock(Instant.ofEpochSecond(1, 5));
        session.sync(Optional.empty(), LIMIT);
        session.shutdown(Duration.ofSeconds(5));

        assertThat(calls.get().get(0)).contains("\"mount\",\"params\":{\"root\":\"vda\",\"disk\":\"vdb\",\"unix_ns\":");
        assertThat(calls.get().get(1)).contains("\"clock\",\"params\":{\"unix_ns\":1000000005}");
        assertThat(calls.get().get(2)).contains("\"sync\",\"params\":{}");
        assertThat(calls.get().get(3)).contains("\"shutdown\",\"params\":{\"grace_ms\":5000}");
    }

    @Test
    void aProcessHasItsStreamsAndItsExit() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            String call = harness.answer("{\"pid\":42}");
            assertThat(call)
                    .contains("\"method\":\"exec\"", "\"exec_id\":\"e1\"", "\"command\":[\"cat\"]")
                    .contains("\"stdin\":1", "\"stdout\":2", "\"stderr\":3");
            byte[] typed = harness.next(FakeHarness.DATA).payload();
            harness.next(FakeHarness.EOF);
            harness.notifyOf("exited", "{\"exec_id\":\"e1\",\"code\":7}");
            harness.send(FakeHarness.DATA, 2, typed);
            harness.send(FakeHarness.EOF, 2, new byte[0]);
            harness.send(FakeHarness.DATA, 3, new byte[] {(byte) 0xFF});
            harness.send(FakeHarness.EOF, 3, new byte[0]);
        });

        GuestProcess process = session.start(withStdin("e1")).await();
        process.stdin().write("hello".getBytes(UTF_8));
        process.stdin().close();

        assertThat(process.pid()).isEqualTo(42);
        assertThat(process.stdout().readAllBytes()).isEqualTo("hello".getBytes(UTF_8));
        assertThat(process.stderr().readAllBytes()).isEqualTo(new byte[] {(byte) 0xFF});
        assertThat(process.exit().get()).isEqualTo(ProcessExit.of(7));
        guest.get();
    }

    @Test
    void theMainProcessIsRunAndItsDeathByMemoryIsSaid() throws Exception {
        assertThat(ended("\"signal\":9")).isEqualTo(new ProcessExit(137, 9, true, null));
    }

    @Test
    void aShellWhoseCommandWasKilledForMemoryIsToldSo() throws Exception {
        assertThat(ended("\"code\":137")).isEqualTo(new ProcessExit(137, null, true, null));
    }

    private ProcessExit ended(String how) throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            assertThat(harness.answer("{\"pid\":2}"))
                    .contains("\"method\":\"run\"", "\"stdout\":1", "\"stderr\":2")
                    .doesNotContain("exec_id", "stdin");
            harness.notifyOf("exited", "{\"exec_id\":\"main\"," + how + ",\"oom\":true}");
        });

        GuestProcess process = session.start(ProcessSpec.of("main", List.of("sleep", "9"), Map.of()))
                .await();

        assertThatThrownBy(() -> process.stdin().write(1)).hasMessageContaining("without stdin");
        guest.get();
        return process.exit().get();
    }

    @Test
    void aTerminalCarriesBothOutputs() throws Exception {
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> answer("{\"pid\":2}"));

        GuestProcess process = session.start(new ProcessSpec(
                        "e1",
                        List.of("bash"),
                        Map.of("TERM", "xterm"),
                        Optional.of("/root"),
                        Optional.of("1000"),
                        Optional.of(new TerminalSize(24, 80)),
                        Optional.empty(),
                        true))
                .await();

        assertThat(call.get())
                .contains("\"tty\":{\"rows\":24,\"cols\":80}", "\"cwd\":\"/root\"", "\"user\":\"1000\"")
                .contains("\"env\":{\"TERM\":\"xterm\"}", "\"stdin\":1,\"stdout\":2}");
        assertThat(process.stderr().read()).isEqualTo(-1);
    }

    @Test
    void aRefusedStartSaysWhyAndLeavesNothing() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            harness.refuse("{\"code\":-32001,\"message\":\"no \\u001bsuch file\",\"data\":{\"errno\":2}}");
            harness.answer("{\"pid\":3}");
        });

        GuestException failure = catchThrowableOfType(
                GuestException.class, () -> session.start(withStdin("e1")).await());
        GuestProcess second = session.start(withStdin("e1")).await();

        assertThat(failure.reason()).isEqualTo(GuestException.Reason.COMMAND_NOT_FOUND);
        assertThat(failure.errno()).hasValue(2);
        assertThat(failure).hasMessage("exec: no ?such file");
        assertThat(second.pid()).isEqualTo(3);
        guest.get();
    }

    @Test
    void anExecIdInUseIsRefusedHere() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> harness.answer("{\"pid\":3}"));
        session.start(withStdin("e1")).await();
        guest.get();

        GuestException failure = catchThrowableOfType(
                GuestException.class, () -> session.start(withStdin("e1")).await());

        assertThat(failure.reason()).isEqualTo(GuestException.Reason.WRONG_STATE);
    }

    @Test
    void aConnectionCarriesBytesBothWaysWithHalfClose() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            assertThat(harness.answer("{}")).contains("\"connect\",\"params\":{\"stream\":1,\"port\":8080}");
            byte[] request = harness.next(FakeHarness.DATA).payload();
            harness.next(FakeHarness.EOF);
            harness.send(FakeHarness.DATA, 1, request);
            harness.send(FakeHarness.EOF, 1, new byte[0]);
        });

        try (GuestStream connection = session.connect(8080, LIMIT)) {
            connection.out().write("ping".getBytes(UTF_8));
            connection.out().close();

            assertThat(connection.in().readAllBytes()).isEqualTo("ping".getBytes(UTF_8));
        }
        guest.get();
    }

    @Test
    void aCallWithoutAnAnswerTimesOut() {
        GuestException failure =
                catchThrowableOfType(GuestException.class, () -> session.sync(Optional.empty(), Duration.ofMillis(50)));

        assertThat(failure.reason()).isEqualTo(GuestException.Reason.TIMED_OUT);
        assertThat(failure).hasMessage("sync: no answer from the guest within 50 ms");
    }

    @Test
    void theEndOfTheGuestFailsAllThatWaits() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> {
            harness.answer("{\"pid\":3}");
            harness.next(FakeHarness.CONTROL);
            harness.close();
        });
        GuestProcess process = session.start(withStdin("e1")).await();

        GuestException failure =
                catchThrowableOfType(GuestException.class, () -> session.sync(Optional.empty(), LIMIT));

        assertThat(failure.reason()).isEqualTo(GuestException.Reason.SESSION_OVER);
        assertThatThrownBy(() -> process.stdout().read()).hasMessageContaining("session is over");
        assertThatThrownBy(() -> process.exit().get()).hasCauseInstanceOf(IOException.class);
        assertThat(session.closed().get()).isNull();
        guest.get();
    }

    @Test
    void anExitOfAnUnknownProcessEndsTheSession() throws Exception {
        harness.notifyOf("exited", "{\"exec_id\":\"ghost\",\"code\":0}");

        assertViolation("an exit of a process that is not running");
    }

    @Test
    void aSecondExitOfAProcessEndsTheSession() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> harness.answer("{\"pid\":3}"));
        session.start(withStdin("e1")).await();
        guest.get();
        harness.notifyOf("exited", "{\"exec_id\":\"e1\",\"code\":0}");
        harness.notifyOf("exited", "{\"exec_id\":\"e1\",\"code\":0}");

        assertViolation("an exit of a process that is not running");
    }

    @Test
    void anImpossibleExitEndsTheSession() throws Exception {
        CompletableFuture<Void> guest = meanwhile(() -> harness.answer("{\"pid\":3}"));
        session.start(withStdin("e1")).await();
        guest.get();
        harness.notifyOf("exited", "{\"exec_id\":\"e1\",\"code\":256}");

        assertViolation("an exit with code 256");
    }

    @Test
    void aFloodOfReadyEndsTheSession() throws Exception {
        harness.notifyOf("ready", "{\"version\":\"1\"}");
        harness.notifyOf("ready", "{\"version\":\"1\"}");

        assertViolation("a second ready");
    }

    private void assertViolation(String message) {
        CompletableFuture<Void> closed = session.closed();
        assertThatThrownBy(() -> closed.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(ProtocolViolation.class)
                .hasMessageContaining(message);
    }

    private static ProcessSpec withStdin(String execId) {
        return new ProcessSpec(
                execId,
                List.of("cat"),
                Map.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                true);
    }

    private String answer(String result) {
        try {
            return harness.answer(result);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private interface Step {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> meanwhile(Step step) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread.startVirtualThread(() -> {
            try {
                step.run();
                done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        return done;
    }
}
