package dev.aegisvm.guest.protocol;

import static dev.aegisvm.guest.protocol.TestSession.LIMIT;
import static dev.aegisvm.guest.protocol.TestSession.meanwhile;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a guest does, its own session ends at worst, and says why. */
@Timeout(60)
class HostileGuestTest {
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
    void moreDataThanTheStreamWasGranted() throws Exception {
        session.mux.open(Direction.FROM_GUEST);
        guest.sendData(1, 32768);
        guest.sendData(1, 32768);
        guest.sendData(1, 1);

        session.assertViolation("more DATA on stream 1 than was granted");
    }

    @Test
    void moreDataThanAnUnwantedStreamWasGrantedStaysWithinTheConnection() throws Exception {
        session.mux.open(Direction.FROM_GUEST).in().close();
        CompletableFuture<Void> flood = meanwhile(() -> {
            for (int i = 0; i < 3000; i++) {
                guest.sendData(1, 32768);
                if (i % 24 == 23) {
                    guest.next(Frame.Credit.class);
                }
            }
        });

        assertThat(flood).succeedsWithin(LIMIT);
        session.assertAlive();
    }

    @Test
    void dataOnAStreamNeverNamed() throws Exception {
        guest.sendData(1, 1);

        session.assertViolation("stream 1, which was never opened");
    }

    @Test
    void creditOnAStreamNeverNamed() throws Exception {
        guest.send(new Frame.Credit(4294967295L, 1));

        session.assertViolation("stream 4294967295, which was never opened");
    }

    @Test
    void dataOnAStreamThatGoesToTheGuest() throws Exception {
        session.mux.open(Direction.TO_GUEST);
        guest.sendData(1, 1);

        session.assertViolation("not open in this direction");
    }

    @Test
    void dataAfterItsEnd() throws Exception {
        session.mux.open(Direction.BOTH);
        guest.send(new Frame.Eof(1));
        guest.sendData(1, 1);

        session.assertViolation("not open in this direction");
    }

    @Test
    void twoEnds() throws Exception {
        session.mux.open(Direction.BOTH);
        guest.send(new Frame.Eof(1), new Frame.Eof(1));

        session.assertViolation("EOF on stream 1");
    }

    @Test
    void creditWhereNothingIsSent() throws Exception {
        session.mux.open(Direction.FROM_GUEST);
        guest.send(new Frame.Credit(1, 1));

        session.assertViolation("on which nothing is sent");
    }

    @Test
    void creditWithoutEndDoesNotOverflow() throws Exception {
        GuestStream stream = session.mux.open(Direction.TO_GUEST);
        for (int i = 0; i < 1000; i++) {
            guest.send(new Frame.Credit(0, 4294967295L), new Frame.Credit(1, 4294967295L));
        }
        stream.out().write(1);

        assertThat(guest.next()).isInstanceOf(Frame.Data.class);
        session.assertAlive();
    }

    @Test
    void helloInTheMiddle() throws Exception {
        guest.send(new Frame.Hello(new UUID(0, 0)));

        session.assertViolation("HELLO in the middle of a session");
    }

    @Test
    void bytesThatAreNoFrame() throws Exception {
        guest.sendBytes(new byte[] {9, 0, 0, 0, 0, 0, 0, 0});

        session.assertViolation("unknown frame type 9");
    }

    @Test
    void aControlMessageTooLong() throws Exception {
        meanwhileIgnoringTheEnd(() -> {
            for (int i = 0; i < 129; i++) {
                guest.send(new Frame.Control(true, ByteBuffer.allocate(32768)));
            }
        });

        session.assertViolation("a control message of more than 4194304 bytes");
    }

    @Test
    void aControlMessageTooDeep() throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"params\":" + "[".repeat(10_000));

        session.assertViolation("nested deeper than 16");
    }

    /** The parser skips the quote after the 1, and goes down on brackets that would be text. */
    @Test
    void aControlMessageWhoseDepthIsHidden() throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"x\":1\",\"y\":" + "[".repeat(30_000) + "\"}");

        session.assertViolation("not well-formed");
    }

    @Test
    void aControlMessageThatIsNotUtf8() throws Exception {
        guest.send(new Frame.Control(false, ByteBuffer.wrap(new byte[] {'{', '"', (byte) 0xC3, '"'})));

        session.assertViolation("not UTF-8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1e999999999", "1.5", "12345678901234567890123", "-1E5"})
    void aNumberToChokeOn(String number) throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":" + number + ",\"result\":{}}");

        session.assertViolation("a number that is not a short whole number");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "[]",
                "{}",
                "{",
                "\"x\"",
                "\"unfinished",
                "}}}}",
                "{\"jsonrpc\":\"2.0\"}",
                "{\"jsonrpc\":\"1.0\",\"method\":\"ready\",\"params\":{\"version\":\"1\"}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"ready\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"params\":null}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"params\":[]}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"explode\",\"params\":{}}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"exited\",\"params\":{\"exec_id\":{},\"code\":1}}",
                "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ready\",\"params\":{}}",
                "[{\"jsonrpc\":\"2.0\",\"method\":\"ready\",\"params\":{}}]"
            })
    void aControlMessageThatMakesNoSense(String json) throws Exception {
        guest.sendMessage(json);

        session.assertViolation("control message");
    }

    @Test
    void anUnknownNotification() throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"method\":\"\\u001b[2J\",\"params\":{}}");

        session.assertViolation("an unknown notification");
    }

    @Test
    void anAnswerToNoCall() throws Exception {
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");

        session.assertViolation("an answer to call 1, which expects none");
    }

    @Test
    void twoAnswersToOneCall() throws Exception {
        session.assertAlive();
        guest.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");

        session.assertViolation("an answer to call 1, which expects none");
    }

    @Test
    void anAnswerOfAWrongShape() throws Exception {
        CompletableFuture<Void> answer = meanwhile(() -> guest.answer("{\"version\":[]}"));

        assertThatThrownBy(() -> session.calls.call(new ToGuest.Health(), LIMIT))
                .hasMessageContaining("not a JSON Health");
        session.assertViolation("not a JSON Health");
        answer.get();
    }

    @Test
    void noAnswersAtAll() throws Exception {
        for (int i = 0; i < Calls.MAX_PENDING; i++) {
            CallFailed late = catchThrowableOfType(
                    CallFailed.class, () -> session.calls.call(new ToGuest.Sync(null), Duration.ZERO));
            assertThat(late.code()).isEqualTo(CallFailed.TIMED_OUT);
        }

        CallFailed refused =
                catchThrowableOfType(CallFailed.class, () -> session.calls.call(new ToGuest.Sync(null), LIMIT));

        assertThat(refused.code()).isEqualTo(CallFailed.TOO_MANY);
    }

    @Test
    void aLateAnswerIsNoViolation() throws Exception {
        assertThatThrownBy(() -> session.calls.call(new ToGuest.Sync(null), Duration.ZERO))
                .hasMessageContaining("no answer from the guest");
        guest.answer("{}");

        session.assertAlive();
    }

    @Test
    void tooManyStreams() throws Exception {
        List<GuestStream> streams = new ArrayList<>();
        for (int i = 0; i < Multiplexer.MAX_STREAMS; i++) {
            streams.add(session.mux.open(Direction.FROM_GUEST));
        }
        assertThatThrownBy(() -> session.mux.open(Direction.FROM_GUEST)).hasMessageContaining("1024 open streams");

        streams.getFirst().close();

        assertThat(session.mux.open(Direction.FROM_GUEST).id()).isEqualTo(1025);
    }

    @Test
    void aGuestThatStopsReadingHoldsWritersBackOnly() throws Exception {
        GuestStream stuck = session.mux.open(Direction.TO_GUEST);
        GuestStream other = session.mux.open(Direction.FROM_GUEST);
        CompletableFuture<Void> writer = meanwhile(() -> stuck.out().write(new byte[1_000_000]));
        guest.send(new Frame.Data(2, ByteBuffer.wrap("still read".getBytes(UTF_8))));

        assertThat(other.in().readNBytes(10)).isEqualTo("still read".getBytes(UTF_8));
        assertThat(writer).isNotDone();
        session.mux.close();

        assertThat(writer).failsWithin(LIMIT);
    }

    @Test
    void smallDataFramesTakeNoMoreMemoryThanTheirBytes() {
        ByteRing ring = new ByteRing(Credit.STREAM);
        for (int i = 0; i < Credit.STREAM; i++) {
            ring.put(ByteBuffer.wrap(new byte[] {1}));
        }

        assertThat(ring.room()).isZero();
        assertThatThrownBy(() -> ring.put(ByteBuffer.wrap(new byte[1]))).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void aWalkOfRandomFramesEndsInAViolationAtWorst(long seed) throws Exception {
        Random random = new Random(seed);
        for (int i = 0; i < 20; i++) {
            session.mux.open(List.of(Direction.BOTH, Direction.TO_GUEST, Direction.FROM_GUEST)
                    .get(random.nextInt(3)));
        }
        CompletableFuture<Void> answers = meanwhile(() -> {
            while (true) {
                guest.next();
            }
        });
        try {
            for (int i = 0; i < 5000; i++) {
                guest.send(randomFrame(random));
            }
        } catch (IOException e) {
            session.assertViolation("");
        }
        session.mux.close();
        assertThat(answers).failsWithin(LIMIT);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void brokenJsonIsAViolationAtWorst(long seed) {
        Random random = new Random(seed);
        String whole =
                "{\"jsonrpc\":\"2.0\",\"id\":12,\"method\":\"m\",\"params\":{\"a\":[1,-2,true,null,\"\\u00e9\\n\"]},"
                        + "\"result\":{\"version\":1},\"error\":{\"code\":-32001,\"message\":\"né\",\"data\":{\"errno\":2}}}";
        String noise = "{}[]\",:\\u0e-\u00001tfn ";
        for (int i = 0; i < 50_000; i++) {
            byte[] json = whole.getBytes(UTF_8);
            for (int change = random.nextInt(4); change >= 0; change--) {
                json[random.nextInt(json.length)] = (byte) noise.charAt(random.nextInt(noise.length()));
            }
            byte[] cut = Arrays.copyOf(json, json.length - random.nextInt(10));
            try {
                Messages.envelope(cut);
            } catch (ProtocolViolation e) {
                assertThat(e).hasMessageContaining("control message");
            }
        }
    }

    private static Frame randomFrame(Random random) {
        long stream = random.nextInt(1, random.nextInt(200) == 0 ? 22 : 21);
        return switch (random.nextInt(12)) {
            case 0 -> new Frame.Eof(stream);
            case 1 -> new Frame.Reset(stream, ResetReason.CANCELLED);
            case 2, 3 -> new Frame.Credit(random.nextInt(21), random.nextLong(1, 1L << 32));
            default -> new Frame.Data(stream, ByteBuffer.allocate(random.nextInt(1, 500)));
        };
    }

    /** For a guest whose writes may fail when the session ends. */
    private static void meanwhileIgnoringTheEnd(TestSession.Step step) {
        CompletableFuture<Void> unused = meanwhile(step);
        assertThat(unused).isNotNull();
    }
}
