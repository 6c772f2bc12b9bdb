package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.guest.protocol.GuestRequest.*;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What programs of a guest ask of the gateway, and how it is answered. */
@Timeout(60)
class GatewayTest {
    private final BlockingQueue<Dial> dials = new LinkedBlockingQueue<>();
    private final BlockingQueue<Query> queries = new LinkedBlockingQueue<>();
    private final Semaphore cuts = new Semaphore(0);
    private TestSession session;
    private ScriptedGuest guest;

    @BeforeEach
    void connect() throws Exception {
        session = new TestSession(new Gateway() {
            @Override
            public Memory memory() {
                return Memory.UNBOUNDED;
            }

            @Override
            public void onDial(Dial dial) {
                dials.add(dial);
            }

            @Override
            public void onResolve(Query query) {
                queries.add(query);
            }

            @Override
            public void onCut() {
                cuts.release();
            }
        });
        guest = session.guest;
    }

    @AfterEach
    void disconnect() throws IOException {
        session.close();
    }

    @Test
    void anAcceptedDialIsAStreamAtOnce() throws Exception {
        dial(7, "198.18.3.7", 443);
        Dial dial = dials.take();
        assertThat(dial.address()).isEqualTo("198.18.3.7");
        assertThat(dial.port()).isEqualTo(443);

        GuestStream stream = dial.accept();
        stream.out().write("hello".getBytes(StandardCharsets.UTF_8));

        assertThat(guest.answer("{}")).contains("\"accept\",\"params\":{\"dial_id\":7,\"stream\":1}");
        assertThat(guest.next(Frame.Data.class).stream()).isEqualTo(1);
        guest.send(new Frame.Data(1, ByteBuffer.wrap(new byte[] {42})), new Frame.Eof(1));
        assertThat(stream.in().readAllBytes()).containsExactly(42);
    }

    @Test
    void whatWasSentLastIsWaitedFor() throws Exception {
        dial(1, "198.18.3.7", 443);
        GuestStream stream = dials.take().accept();
        stream.out().write(new byte[Credit.STREAM + 1]);
        Thread waiting = Thread.ofVirtual().start(stream::finish);
        for (int granted = Credit.STREAM; granted > 0; ) {
            granted -= guest.next(Frame.Data.class).bytes().remaining();
        }
        assertThat(waiting.isAlive()).isTrue();
        guest.send(new Frame.Credit(1, 1));
        guest.next(Frame.Eof.class);
        waiting.join();
    }

    @Test
    void aGuestWithoutRoomBreaksTheStream() throws Exception {
        dial(1, "198.18.3.7", 443);
        GuestStream stream = dials.take().accept();

        String id = ScriptedGuest.idOf(guest.nextMessage());
        guest.sendMessage(
                "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":{\"code\":-32006,\"message\":\"too many\"}}");

        assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("refused the stream");
    }

    @Test
    void aSessionWithoutAStreamRefuses() throws Exception {
        for (int i = 0; i < Multiplexer.MAX_STREAMS; i++) {
            session.mux.open(Direction.FROM_GUEST);
        }
        dial(1, "198.18.3.7", 443);
        Dial dial = dials.take();

        assertThatThrownBy(dial::accept).hasMessageContaining("1024 open streams");

        assertThat(guest.nextMessage()).contains("\"refuse\",\"params\":{\"dial_id\":1}");
    }

    @Test
    void aRefusedDialIsAnsweredOnce() throws Exception {
        dial(1, "fd61:6567:6973::c612:4", 1);
        Dial dial = dials.take();

        dial.refuse();

        assertThat(guest.answer("{}")).contains("\"refuse\",\"params\":{\"dial_id\":1}");
        assertThatThrownBy(dial::refuse).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(dial::accept).isInstanceOf(IllegalStateException.class);
        session.assertAlive();
    }

    @Test
    void aQueryIsAnsweredInBytes() throws Exception {
        resolve(3, "AQID");
        Query query = queries.take();
        assertThat(query.message()).containsExactly(1, 2, 3);

        query.answer(new byte[] {4, 5});

        assertThat(guest.answer("{}")).contains("\"resolved\",\"params\":{\"query_id\":3,\"message\":\"BAU=\"}");
    }

    @Test
    void aGuestThatCutsItselfOffSaysSo() throws Exception {
        request("cut", "");
        assertThat(cuts.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void nothingIsAnAnswerToAQueryAndTooMuchIsNone() throws Exception {
        resolve(3, "AQID");
        Query query = queries.take();
        assertThatThrownBy(() -> query.answer(new byte[4097])).isInstanceOf(IllegalArgumentException.class);

        query.answer(new byte[0]);

        assertThat(guest.answer("{}")).contains("\"message\":\"\"");
    }

    @Test
    void manyWaitAndMoreComeWhenOneIsAnswered() throws Exception {
        for (int i = 1; i <= GuestRequests.MAX_WAITING; i++) {
            dial(i, "198.18.3.7", 443);
            resolve(i, "AQID");
        }
        dials.take().refuse();
        guest.answer("{}");
        dial(1000, "198.18.3.7", 443);
        session.assertAlive();

        dial(1001, "198.18.3.7", 443);

        session.assertViolation("more than 256 waiting requests of the kind dial");
    }

    @Test
    void allThatWaitCanBeAnsweredBeforeTheGuestSaysSo() throws Exception {
        for (int i = 1; i <= GuestRequests.MAX_WAITING; i++) {
            dial(i, "198.18.3.7", 443);
            resolve(i, "AQID");
        }
        for (int i = 1; i <= GuestRequests.MAX_WAITING; i++) {
            dials.take().accept();
            queries.take().answer(new byte[] {1});
        }

        for (int i = 1; i <= 2 * GuestRequests.MAX_WAITING; i++) {
            guest.answer("{}");
        }
        session.assertAlive();
    }

    @Test
    void whatIsAnsweredAfterTheEndIsNoTrouble() throws Exception {
        dial(1, "198.18.3.7", 443);
        dial(2, "198.18.3.7", 443);
        resolve(1, "AQID");
        Dial first = dials.take();
        Dial second = dials.take();
        Query query = queries.take();
        session.mux.close();

        first.refuse();
        query.answer(new byte[] {1});

        assertThatThrownBy(second::accept).hasMessageContaining("session is over");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "dial | ~dial_id~:1,~address~:~~,~port~:1 | without an address",
                "dial | ~dial_id~:1,~address~:~1234567890123456789012345678901234567890123456~,~port~:1 | without an address",
                "dial | ~dial_id~:1,~address~:~198.18.0.9~,~port~:0 | without an address",
                "dial | ~dial_id~:1,~address~:~198.18.0.9~,~port~:65536 | without an address",
                "dial | ~dial_id~:0,~address~:~198.18.0.9~,~port~:1 | is not larger than the last one",
                "dial | ~dial_id~:1,~port~:1 | not a JSON Dial",
                "resolve | ~query_id~:-1,~message~:~AQID~ | is not larger than the last one",
                "resolve | ~query_id~:1,~message~:~~ | a query of 0 bytes",
                "resolve | ~query_id~:1,~message~:~A~ | not in base64",
                "resolve | ~query_id~:1 | not a JSON Resolve",
            })
    void whatIsNoRequestEndsTheSession(String method, String params, String reason) throws Exception {
        request(method, params.replace('~', '"'));

        session.assertViolation(reason);
    }

    @Test
    void idsCountUp() throws Exception {
        dial(5, "198.18.3.7", 443);
        dial(5, "198.18.3.7", 443);

        session.assertViolation("a dial whose id is not larger than the last one");
    }

    @Test
    void longQueriesEndTheSession() throws Exception {
        resolve(1, Base64.getEncoder().encodeToString(new byte[4097]));

        session.assertViolation("a query of 4097 bytes");
    }

    @Test
    void aGuestWithoutAGatewayDoesNotAsk() throws Exception {
        try (TestSession without = new TestSession()) {
            without.guest.sendMessage(
                    "{\"jsonrpc\":\"2.0\",\"method\":\"dial\",\"params\":{\"dial_id\":1,\"address\":\"1.2.3.4\",\"port\":1}}");

            without.assertViolation("a guest without a gateway");
        }
    }

    private void dial(long id, String address, int port) throws IOException {
        request("dial", "\"dial_id\":" + id + ",\"address\":\"" + address + "\",\"port\":" + port);
    }

    private void resolve(long id, String base64) throws IOException {
        request("resolve", "\"query_id\":" + id + ",\"message\":\"" + base64 + "\"");
    }

    private void request(String method, String params) throws IOException {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"method\":\"" + method + "\",\"params\":{" + params + "}}");
    }
}
