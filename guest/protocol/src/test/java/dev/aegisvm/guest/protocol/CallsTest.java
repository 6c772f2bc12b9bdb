package dev.aegisvm.guest.protocol;

import static dev.aegisvm.guest.protocol.TestSession.LIMIT;
import static dev.aegisvm.guest.protocol.TestSession.meanwhile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CallsTest {
    private TestSession session;
    private ScriptedGuest guest;

    @BeforeEach
    void connect() throws Exception {
        session = new TestSession();
        guest = session.guest;
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
    }

    @Test
    void aCallIsARequestAndItsAnswerIsTyped() throws Exception {
        CompletableFuture<String> call = new CompletableFuture<>();
        CompletableFuture<Void> answer = meanwhile(() -> call.complete(guest.answer(
                "{\"version\":1,\"uptime_ms\":12,\"processes\":3,\"cpu_ms\":4,\"net_bytes\":5,\"new\":[{}]}")));

        FromGuest.Health health = session.calls.call(new ToGuest.Health(), LIMIT);

        assertThat(health).isEqualTo(new FromGuest.Health(1, 12, 3, 4, 5));
        assertThat(call.get()).isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"health\",\"params\":{}}");
        answer.get();
    }

    private static Stream<Class<?>> records(Class<?> call) {
        return call.isRecord()
                ? Stream.of(call)
                : Arrays.stream(call.getPermittedSubclasses()).flatMap(CallsTest::records);
    }

    @Test
    void aCallIsNamedAsInTheProtocol() throws IOException {
        String protocol = Files.readString(Path.of("PROTOCOL.md"));
        String table = protocol.substring(protocol.indexOf("| method |"), protocol.indexOf("\n\n`exec_id` is"));
        List<String> named = Pattern.compile("(?m)^\\| `(\\w+)`")
                .matcher(table)
                .results()
                .map(row -> row.group(1))
                .toList();

        assertThat(Stream.concat(Stream.of("run"), records(ToGuest.class).map(ToGuest.NAMES::get)))
                .containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void anErrorKeepsItsCodeAndErrno() throws Exception {
        CompletableFuture<Void> answer = meanwhile(() -> {
            String id = ScriptedGuest.idOf(guest.nextMessage());
            guest.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":" + id
                    + ",\"error\":{\"code\":-32005,\"message\":\"mount: No such device\",\"data\":{\"errno\":19}}}");
        });

        CallFailed failure = catchThrowableOfType(
                CallFailed.class, () -> session.calls.call(new ToGuest.Mount("vda", "vdb", 1), LIMIT));

        assertThat(failure).hasMessage("mount: mount: No such device");
        assertThat(failure.code()).isEqualTo(-32005);
        assertThat(failure.errno()).isEqualTo(19);
        answer.get();
    }

    @Test
    void answersMayComeInAnotherOrder() throws Exception {
        CompletableFuture<FromGuest.Health> health = new CompletableFuture<>();
        CompletableFuture<Void> first =
                meanwhile(() -> health.complete(session.calls.call(new ToGuest.Health(), LIMIT)));
        String firstId = ScriptedGuest.idOf(guest.nextMessage());
        CompletableFuture<Void> second = meanwhile(() -> session.calls.call(new ToGuest.Sync(null), LIMIT));
        guest.answer("{}");
        second.get();

        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":" + firstId
                + ",\"result\":{\"version\":1,\"uptime_ms\":1,\"processes\":1,\"cpu_ms\":1}}");

        assertThat(health.get().version()).isEqualTo(1);
        first.get();
    }

    @Test
    void notificationsAreHeard() throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"params\":{\"version\":\"0.1\"}}");
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":\"a\",\"code\":3}}");
        guest.sendMessage(
                "{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":\"b\",\"signal\":9,\"oom\":true}}");

        await().untilAsserted(() -> assertThat(session.heard)
                .containsExactly(
                        new FromGuest.Ready("0.1"),
                        new FromGuest.Exited("a", 3, null, null),
                        new FromGuest.Exited("b", null, 9, true)));
    }

    @Test
    void streamsOfARefusedCallAreOver() throws Exception {
        CompletableFuture<Void> answer = meanwhile(() -> {
            String id = ScriptedGuest.idOf(guest.nextMessage());
            guest.sendMessage(
                    "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32005,\"message\":\"refused\"}}");
        });

        var sent = session.calls.begin(
                streams -> new ToGuest.Connect(streams.open(Direction.BOTH).id(), 80));
        assertThatThrownBy(() -> sent.await(LIMIT)).hasMessage("connect: refused");

        assertThatThrownBy(() -> sent.stream().in().read()).hasRootCauseMessage("the guest refused the stream");
        answer.get();
        session.assertAlive();
    }

    @Test
    void tenThousandVariablesFitAndTooManyAreRefusedHere() throws Exception {
        Map<String, String> env = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            env.put("VARIABLE_" + i, "x".repeat(100));
        }
        CompletableFuture<Void> answer = meanwhile(() -> guest.answer("{\"pid\":5}"));

        assertThat(session.calls.call(start(env), LIMIT).pid()).isEqualTo(5);
        answer.get();

        env.put("HUGE", "x".repeat(5_000_000));
        assertThatThrownBy(() -> session.calls.call(start(env), LIMIT)).hasMessageContaining("bytes of parameters");
        session.assertAlive();
    }

    @Test
    void parkHandsTheChannelBackForAnotherSession() throws Exception {
        CompletableFuture<Void> script = meanwhile(() -> {
            guest.answer("{}");
            guest.answerHello();
            guest.answer("{}");
        });

        session.calls.park(LIMIT);

        assertThat(session.pair.host().isOpen()).isTrue();
        assertThat(session.mux.closed()).succeedsWithin(LIMIT);
        assertThatThrownBy(() -> session.calls.call(new ToGuest.Sync(null), LIMIT))
                .hasMessageContaining("session is over");
        Calls next = Calls.start(session.pair.host(), session, Gateway.NONE);
        next.call(new ToGuest.Sync(null), LIMIT);
        next.close();
        script.get();
    }

    private static ToGuest.Exec start(Map<String, String> env) {
        return new ToGuest.Exec("e", List.of("true"), env, null, null, null, null, null, null, null);
    }

    @Test
    void nothingElseIsSentUntilTheMachineIsSavedAndReleased() throws Exception {
        List<String> got = Collections.synchronizedList(new ArrayList<>());
        CompletableFuture<Void> answers = meanwhile(() -> {
            for (int call = 0; call < 3; call++) {
                got.add(guest.answer("{}"));
            }
        });
        boolean released = session.calls.checkpoint(LIMIT, () -> {
            var _ = session.calls.begin(streams -> new ToGuest.Sync("/"));
            await().during(Duration.ofMillis(100)).until(() -> got.size() == 1);
        });
        assertThat(released).isTrue();
        answers.get();
        assertThat(got)
                .satisfiesExactly(
                        first -> assertThat(first).contains("\"checkpoint\""),
                        second -> assertThat(second).contains("\"release\""),
                        third -> assertThat(third).contains("\"sync\""));
    }

    @Test
    void aGuestWhoseChannelTheCopyCostIsNotReleased() throws Exception {
        CompletableFuture<Void> answer = meanwhile(() -> guest.answer("{}"));
        assertThat(session.calls.checkpoint(LIMIT, guest::close)).isFalse();
        answer.get();
    }

    @Test
    void aCallOfASessionThatIsOverSaysSo() throws Exception {
        guest.close();
        assertThatThrownBy(() -> session.calls.checkpoint(LIMIT, () -> {}))
                .isInstanceOfSatisfying(
                        CallFailed.class, failure -> assertThat(failure.code()).isEqualTo(CallFailed.SESSION_OVER));
    }

    @Test
    void aGuestThatDoesNotReadIsNotWaitedForLong() throws Exception {
        for (int i = 0; i < 32; i++) {
            var _ = session.calls.begin(streams -> new ToGuest.Sync("/".repeat(50_000)));
        }
        assertThatThrownBy(() -> session.calls.checkpoint(Duration.ofMillis(200), () -> {}))
                .hasMessageContaining("does not read");
    }
}
