package dev.aegisvm.guest.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import module java.base;
import dev.aegisvm.guest.protocol.GuestStream.Direction;
import org.junit.jupiter.api.*;

/** What a session takes of its guest's memory, and that it gives all of it back, however a stream ends. */
@Timeout(60)
class MemoryTest {
    private static final long BOTH = GuestStream.atFirst(Direction.BOTH);

    /** Counts. */
    private static final class Counted implements Memory {
        private final AtomicLong held = new AtomicLong();
        private volatile long limit = 1 << 20;
        private volatile boolean plenty = true;

        @Override
        public boolean take(long bytes, Duration patience) {
            boolean there = held.get() + bytes <= limit;
            held.addAndGet(there ? bytes : 0);
            return there;
        }

        @Override
        public boolean grow(long bytes) {
            return plenty && take(bytes, Duration.ZERO);
        }

        @Override
        public void give(long bytes) {
            assertThat(held.addAndGet(-bytes)).isNotNegative();
        }
    }

    private final Counted memory = new Counted();
    private TestSession session;

    @BeforeEach
    void open() throws Exception {
        session = new TestSession(() -> memory);
    }

    @AfterEach
    void close() throws Exception {
        session.close();
    }

    private GuestStream stream() throws CallFailed {
        return session.mux.open(Direction.BOTH);
    }

    private void awaitHeld(long bytes) {
        await().untilAsserted(() -> assertThat(memory.held).hasValue(bytes));
    }

    @Test
    void aStreamTakesWhatItMayHoldAndIsRefusedWhereThatIsNotThere() throws Exception {
        assertThat(GuestStream.atFirst(Direction.FROM_GUEST)).isEqualTo(65_536);
        assertThat(BOTH).isEqualTo(81_920);
        memory.limit = BOTH;
        GuestStream first = stream();
        assertThatThrownBy(this::stream).hasMessageContaining("its limit of the daemon's memory");
        first.close();
        awaitHeld(0);
        stream().close();
    }

    @Test
    void whatHasComeIsHeldUntilItIsReadAlthoughBothSidesHaveEnded() throws Exception {
        GuestStream stream = stream();
        session.guest.sendData(stream.id(), 1000);
        session.guest.send(new Frame.Eof(stream.id()));
        stream.out().close();
        session.assertAlive();
        awaitHeld(BOTH);
        assertThat(stream.in().readAllBytes()).hasSize(1000);
        awaitHeld(0);
    }

    @Test
    void aReaderThatLeavesGivesItBackInAnyOrder() throws Exception {
        GuestStream ended = stream();
        session.guest.sendData(ended.id(), 1000);
        session.guest.send(new Frame.Eof(ended.id()));
        ended.out().close();
        session.assertAlive();
        ended.close();
        awaitHeld(0);
        GuestStream reset = stream();
        session.guest.sendData(reset.id(), 1000);
        session.guest.send(new Frame.Reset(reset.id(), ResetReason.CANCELLED));
        session.assertAlive();
        awaitHeld(BOTH);
        reset.in().close();
        awaitHeld(0);
    }

    @Test
    void moreWaitsForAGuestOnlyWhereMemoryIsPlenty() throws Exception {
        byte[] much = new byte[4 * Credit.STREAM];
        memory.plenty = false;
        GuestStream poor = stream();
        CompletableFuture<Void> writing = TestSession.meanwhile(() -> poor.out().write(much));
        session.assertAlive();
        awaitHeld(BOTH);
        memory.plenty = true;
        GuestStream rich = stream();
        CompletableFuture<Void> more = TestSession.meanwhile(() -> rich.out().write(much));
        awaitHeld(2 * BOTH + 49_152);
        session.mux.close();
        assertThat(writing).failsWithin(TestSession.LIMIT);
        assertThat(more).failsWithin(TestSession.LIMIT);
        awaitHeld(0);
    }

    @Test
    void aLongMessageTakesMemoryBeforeItIsKept() throws Exception {
        ByteBuffer piece = ByteBuffer.allocate(Frame.MAX_PAYLOAD);
        for (int i = 0; i < 4; i++) {
            session.guest.send(new Frame.Control(true, piece.duplicate()));
        }
        awaitHeld(4 * Frame.MAX_PAYLOAD);
        memory.limit = 4 * Frame.MAX_PAYLOAD;
        session.guest.send(new Frame.Control(true, piece.duplicate()));
        session.assertViolation("a control message of more than");
        awaitHeld(0);
    }
}
