package dev.aegisvm.guest.protocol;

import static dev.aegisvm.guest.protocol.TestSession.LIMIT;
import static dev.aegisvm.guest.protocol.TestSession.meanwhile;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MultiplexerTest {
    /** What makes a connection a busy one, in bytes. */
    private static final int MUCH = 262_144;

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
    void streamsAreNumberedFromOne() throws Exception {
        assertThat(session.mux.open(Direction.TO_GUEST).id()).isEqualTo(1);
        assertThat(session.mux.open(Direction.BOTH).id()).isEqualTo(2);
    }

    @Test
    void aHalfCloseLeavesTheOtherDirection() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        stream.out().write("question".getBytes(UTF_8));
        stream.out().close();

        Frame question = guest.next();
        Frame end = guest.next();
        guest.send(data(1, "answer"), new Frame.Eof(1));

        assertThat(question).isEqualTo(data(1, "question"));
        assertThat(end).isEqualTo(new Frame.Eof(1));
        assertThat(stream.in().readAllBytes()).isEqualTo("answer".getBytes(UTF_8));
        assertThatThrownBy(() -> stream.out().write(1)).hasMessageContaining("closed for writing");
    }

    @Test
    void theGuestsHalfCloseLeavesTheOtherDirection() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        guest.send(new Frame.Eof(1));

        assertThat(stream.in().read()).isEqualTo(-1);
        stream.out().write(7);

        assertThat(guest.next()).isEqualTo(new Frame.Data(1, ByteBuffer.wrap(new byte[] {7})));
    }

    @Test
    void aResetOfTheGuestLetsBufferedBytesBeRead() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        guest.send(data(1, "x"), new Frame.Reset(1, ResetReason.INTERNAL));

        assertThat(stream.in().read()).isEqualTo('x');
        assertThatThrownBy(() -> stream.in().read())
                .hasMessageContaining("INTERNAL")
                .hasRootCauseMessage("the guest reset the stream: INTERNAL");
        assertThatThrownBy(() -> stream.out().write(1)).hasRootCauseMessage("the guest reset the stream: INTERNAL");
        session.assertAlive();
    }

    @Test
    void aResetOfTheHostIsSentOnceAndFreesAReader() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        CompletableFuture<Void> reader = meanwhile(() -> stream.in().read());

        stream.close();
        stream.close();

        assertThat(guest.next()).isEqualTo(new Frame.Reset(1, ResetReason.CANCELLED));
        assertThat(reader).failsWithin(LIMIT);
        assertThat(session.mux.open(Direction.BOTH).id()).isEqualTo(2);
        session.assertAlive();
    }

    @Test
    void framesOfAStreamThatIsOverAreDroppedAndGrantedBack() throws Exception {
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        stream.in().close();
        assertThat(guest.next()).isEqualTo(new Frame.Reset(1, ResetReason.CANCELLED));

        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 24; j++) {
                guest.sendData(1, Frame.MAX_PAYLOAD);
            }
            assertThat(guest.next()).isEqualTo(new Frame.Credit(0, 786_432));
        }
        guest.send(new Frame.Eof(1), new Frame.Credit(1, 5), new Frame.Reset(1, ResetReason.CANCELLED));

        session.assertAlive();
    }

    @Test
    void aReaderThatLeavesATwoWayStreamLetsTheRestRunThrough() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        guest.sendData(1, 100);
        stream.in().close();

        guest.sendData(1, Frame.MAX_PAYLOAD);
        assertThat(guest.next()).isEqualTo(new Frame.Credit(1, Frame.MAX_PAYLOAD + 100));
        stream.out().write(1);

        assertThat(guest.next()).isInstanceOf(Frame.Data.class);
        session.assertAlive();
    }

    @Test
    void creditComesBackAsTheConsumerReads() throws Exception {
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        guest.sendData(1, Frame.MAX_PAYLOAD);
        guest.sendData(1, Frame.MAX_PAYLOAD);
        session.assertAlive();

        stream.in().readNBytes(Frame.MAX_PAYLOAD - 1);
        session.assertAlive();
        stream.in().readNBytes(1);

        assertThat(guest.next()).isEqualTo(new Frame.Credit(1, Frame.MAX_PAYLOAD));
    }

    @Test
    void creditOfTheConnectionGoesAlongWithThatOfAStream() throws Exception {
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        for (int i = 0; i < 7; i++) {
            assertThat(grantedForAFrame(stream)).isEqualTo(Frame.MAX_PAYLOAD);
        }
        guest.sendData(1, Frame.MAX_PAYLOAD);
        stream.in().readNBytes(Frame.MAX_PAYLOAD);

        assertThat(guest.next()).isEqualTo(new Frame.Credit(0, 8 * Frame.MAX_PAYLOAD));
        assertThat(guest.next(Frame.Credit.class).stream()).isEqualTo(1);
    }

    @Test
    void aStreamThatBringsMuchToAReaderWhoKeepsUpMayBringMoreAtATime() throws Exception {
        GuestStream busy = session.mux.open(Direction.BOTH);
        assertThat(granted(busy)).isEqualTo(MUCH + Credit.WIDE - Credit.STREAM);
        assertThat(granted(session.mux.open(Direction.FROM_GUEST))).isEqualTo(MUCH + Credit.WIDE - Credit.STREAM);

        for (int i = 0; i < Credit.WIDE / Frame.MAX_PAYLOAD; i++) {
            guest.sendData(busy.id(), Frame.MAX_PAYLOAD);
        }
        session.assertAlive();
        assertThat(busy.in().readNBytes(Credit.WIDE)).hasSize(Credit.WIDE);
        guest.sendData(busy.id(), 1);
        for (int i = 0; i < Credit.WIDE / Frame.MAX_PAYLOAD; i++) {
            guest.sendData(busy.id(), Frame.MAX_PAYLOAD);
        }
        session.assertViolation("more DATA on stream 1 than was granted");
    }

    @Test
    void onlySomeStreamsMayBringMoreAtATime() throws Exception {
        for (int i = 0; i < Multiplexer.MAX_WIDE; i++) {
            assertThat(granted(session.mux.open(Direction.BOTH))).isGreaterThan(MUCH);
        }
        GuestStream last = session.mux.open(Direction.BOTH);
        assertThat(granted(last)).isEqualTo(MUCH);
        guest.send(new Frame.Reset(1, ResetReason.CANCELLED));
        assertThat(grantedForAFrame(last)).isGreaterThan(Frame.MAX_PAYLOAD);
    }

    /** Brings {@link #MUCH} by a stream whose reader takes it at once; what the guest is granted for it. */
    private long granted(GuestStream stream) throws IOException {
        long granted = 0;
        for (int i = 0; i < MUCH / Frame.MAX_PAYLOAD; i++) {
            granted += grantedForAFrame(stream);
        }
        return granted;
    }

    private long grantedForAFrame(GuestStream stream) throws IOException {
        guest.sendData(stream.id(), Frame.MAX_PAYLOAD);
        stream.in().readNBytes(Frame.MAX_PAYLOAD);
        Frame.Credit credit = guest.next(Frame.Credit.class);
        while (credit.stream() != stream.id()) {
            credit = guest.next(Frame.Credit.class);
        }
        return credit.bytes();
    }

    @Test
    void aWriterStopsAtTheStreamsCredit() throws Exception {
        GuestStream stream = session.mux.open(Direction.TO_GUEST);
        CompletableFuture<Void> writer = meanwhile(() -> stream.out().write(new byte[200_000]));

        assertThat(takeData(65536)).isEqualTo(65536);
        session.assertAlive();
        assertThat(writer).isNotDone();
        guest.send(new Frame.Credit(1, 100));
        assertThat(takeData(100)).isEqualTo(100);
        guest.send(new Frame.Credit(1, 1_000_000), new Frame.Credit(0, 1_000_000));
        assertThat(takeData(200_000 - 65636)).isEqualTo(200_000 - 65636);
        assertThat(writer).succeedsWithin(LIMIT);
    }

    @Test
    void writersStopAtTheConnectionsCreditAndTakeTurnsAfterIt() throws Exception {
        for (int i = 0; i < 20; i++) {
            GuestStream stream = session.mux.open(Direction.TO_GUEST);
            stream.out().write(new byte[65536]);
        }
        assertThat(takeData(1 << 20)).isEqualTo(1 << 20);
        session.assertAlive();
        guest.send(new Frame.Credit(0, 262144));

        assertThat(takeData(262144)).isEqualTo(262144);
    }

    @Test
    void aControlMessageOfFourMegabytesGoesInPieces() throws Exception {
        byte[] message = new byte[FrameReader.MAX_MESSAGE];
        CompletableFuture<Integer> length = new CompletableFuture<>();
        CompletableFuture<Void> reader =
                meanwhile(() -> length.complete(guest.nextMessage().length()));

        session.mux.sendMessage(message);

        assertThat(length.get()).isEqualTo(message.length);
        reader.get();
    }

    @Test
    void theEndBreaksStreamsThatWait() throws Exception {
        GuestStream stream = session.mux.open(Direction.BOTH);
        CompletableFuture<Void> reader = meanwhile(() -> stream.in().read());
        CompletableFuture<Void> writer = meanwhile(() -> stream.out().write(new byte[200_000]));
        takeData(65536);

        session.mux.close();

        assertThat(reader).failsWithin(LIMIT);
        assertThat(writer).failsWithin(LIMIT);
        assertThat(session.mux.closed()).succeedsWithin(LIMIT);
        assertThatThrownBy(() -> session.mux.open(Direction.BOTH)).hasMessageContaining("session is over");
    }

    @Test
    void aHangUpOfTheGuestIsANormalEnd() throws Exception {
        GuestStream stream = session.mux.open(Direction.FROM_GUEST);
        guest.send(data(1, "last words"));
        guest.close();

        assertThat(session.mux.closed()).succeedsWithin(LIMIT);
        assertThat(stream.in().readNBytes(10)).isEqualTo("last words".getBytes(UTF_8));
        assertThatThrownBy(() -> stream.in().read()).hasMessageContaining("the guest closed its channel");
    }

    @Test
    void whatAnEarlierSessionLeftIsDropped() throws Exception {
        SocketPair pair = SocketPair.open();
        Calls calls = Calls.start(pair.host(), session, Gateway.NONE);
        try (ScriptedGuest other = new ScriptedGuest(pair.guest())) {
            other.sendData(9, 30_000);
            other.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
            other.answerHello();

            calls.awaitGreeting(LIMIT);
            assertThat(calls.closed()).isNotDone();
            calls.close();
        }
    }

    @Test
    void callsFollowHelloBeforeItIsAnswered() throws Exception {
        SocketPair pair = SocketPair.open();
        Calls calls = Calls.start(pair.host(), session, Gateway.NONE);
        Sent<FromGuest.Done> first = calls.begin(_ -> new ToGuest.Sync("/first"));
        Sent<FromGuest.Done> second = calls.begin(_ -> new ToGuest.Sync("/second"));
        try (ScriptedGuest other = new ScriptedGuest(pair.guest())) {
            Frame.Hello hello = other.next(Frame.Hello.class);
            List<String> asked = List.of(other.nextMessage(), other.nextMessage());
            assertThat(asked.getFirst()).contains("/first");
            assertThat(asked.getLast()).contains("/second");

            other.send(hello);
            calls.awaitGreeting(LIMIT);
            other.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32005,\"message\":\"no\"}}");
            other.sendMessage("{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{}}");

            assertThatThrownBy(() -> first.await(LIMIT)).hasMessage("sync: no");
            assertThat(second.await(LIMIT)).isNotNull();
            calls.close();
        }
    }

    @Test
    void aGuestThatDoesNotAnswerHelloIsGivenUp() throws Exception {
        SocketPair pair = SocketPair.open();
        Calls calls = Calls.start(pair.host(), session, Gateway.NONE);
        Sent<FromGuest.Done> ahead = calls.begin(_ -> new ToGuest.Sync("/"));

        assertThatThrownBy(() -> calls.awaitGreeting(Duration.ofMillis(100)))
                .hasMessageContaining("did not answer HELLO within 100 ms");

        assertThat(pair.host().isOpen()).isFalse();
        assertThatThrownBy(() -> ahead.await(LIMIT)).hasMessageContaining("session is over");
        pair.guest().close();
    }

    @Test
    void aGuestThatHangsUpAtHelloIsGivenUp() throws Exception {
        SocketPair pair = SocketPair.open();
        pair.guest().close();
        Calls calls = Calls.start(pair.host(), session, Gateway.NONE);

        assertThatThrownBy(() -> calls.awaitGreeting(LIMIT)).hasMessageContaining("did not answer HELLO: ");
    }

    private int takeData(int bytes) throws IOException {
        int taken = 0;
        while (taken < bytes) {
            taken += guest.next(Frame.Data.class).bytes().remaining();
        }
        return taken;
    }

    private static Frame.Data data(long stream, String text) {
        return new Frame.Data(stream, ByteBuffer.wrap(text.getBytes(UTF_8)));
    }
}
