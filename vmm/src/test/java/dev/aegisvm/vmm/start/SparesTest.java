package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The place of the spare machine, with machines that only remember what became of them. */
@Timeout(30)
class SparesTest {
    private static final Duration QUIET = Duration.ofMillis(30);
    private static final VmShape SMALL = new VmShape(512, 1);
    private static final VmShape LARGE = new VmShape(1024, 2);
    private static final Optional<VmShape> OF_SMALL = Optional.of(SMALL);

    private final FakeMaker maker = new FakeMaker();
    private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
    private final Spares<FakeMachine> spares = Spares.open(maker, 1, QUIET, log::add);

    @AfterEach
    void close() {
        spares.close();
    }

    @Test
    void theNextStartGetsAMachineOfTheLastOnesShape() throws InterruptedException {
        assertThat(spares.take(OF_SMALL)).isEmpty();
        spares.started(SMALL);
        FakeMachine first = nextOne();
        assertThat(first.shape()).isEqualTo(SMALL);

        assertThat(spares.take(OF_SMALL)).containsSame(first);
        assertThat(spares.take(OF_SMALL)).as("it is nobody else's").isEmpty();
        spares.started(SMALL);
        assertNothingHappens("while a start goes on");
        spares.started(SMALL);
        assertThat(nextOne()).isNotSameAs(first);
        assertThat(first.discarded).as("it is a VM now").isFalse();
    }

    @Test
    void oneOfAnotherShapeGoesWhenItsOwnIsWantedNoMore() throws InterruptedException {
        spares.want(SMALL);
        FakeMachine small = nextOne();
        assertThat(spares.take(Optional.of(LARGE))).isEmpty();
        assertThat(small.discarded).isFalse();
        spares.started(LARGE);
        assertThat(nextOne().shape()).isEqualTo(LARGE);
        assertThat(small.discarded).as("there is one at most").isTrue();
    }

    @Test
    void oneThatDiedIsNotHandedOutButReplaced() throws InterruptedException {
        spares.want(SMALL);
        FakeMachine dead = nextOne();
        dead.alive = false;
        assertThat(spares.take(OF_SMALL)).isEmpty();
        spares.started(SMALL);
        assertThat(nextOne().alive()).isTrue();
        assertThat(dead.discarded).isTrue();
    }

    @Test
    void oneThatWaitsIsEnough() throws InterruptedException {
        spares.want(SMALL);
        FakeMachine first = nextOne();
        spares.want(SMALL);
        assertNothingHappens("since one waits");
        assertThat(spares.take(OF_SMALL)).containsSame(first);
    }

    @Test
    void oneThatCannotBeMadeIsSaidAndTriedAgainAfterTheNextStart() throws InterruptedException {
        maker.refusal = "no such luck";
        spares.want(SMALL);
        assertThat(log.poll(10, TimeUnit.SECONDS)).contains("512 MB").contains("no such luck");
        assertNothingHappens("until the next start");
        maker.refusal = null;
        assertThat(spares.take(OF_SMALL)).isEmpty();
        spares.started(SMALL);
        assertThat(nextOne().shape()).isEqualTo(SMALL);
    }

    @Test
    void aHostWithoutAThreadForItIsNoEndOfSpares() throws InterruptedException {
        maker.noThread = true;
        spares.want(SMALL);
        assertThat(log.poll(10, TimeUnit.SECONDS)).contains("unable to create native thread");
        maker.noThread = false;
        spares.want(SMALL);
        assertThat(nextOne().shape()).isEqualTo(SMALL);
    }

    @Test
    void oneThatIsNotWantedIsNoFailure() throws InterruptedException {
        maker.wanted = false;
        spares.want(SMALL);
        assertThat(maker.begun.poll(10, TimeUnit.SECONDS)).isEqualTo(SMALL);
        assertNothingHappens("since none is wanted");
        assertThat(spares.take(OF_SMALL)).isEmpty();
    }

    @Test
    void severalWaitWhereThatManyAreKept() throws InterruptedException {
        try (Spares<FakeMachine> several = Spares.open(maker, 2, QUIET, log::add)) {
            several.want(SMALL);
            List<FakeMachine> made = next(2);
            assertNothingHappens("since there are two");

            assertThat(several.take(Optional.empty()))
                    .as("a start that can use none")
                    .isEmpty();
            assertThat(several.take(OF_SMALL)).containsSame(made.getFirst());
            assertThat(several.take(OF_SMALL)).containsSame(made.getLast());
            assertThat(several.take(OF_SMALL)).isEmpty();
        }
    }

    @Test
    void closingEndsTheOneThatWaits() throws InterruptedException {
        spares.want(SMALL);
        FakeMachine taken = nextOne();
        assertThat(spares.take(OF_SMALL)).isPresent();
        spares.started(SMALL);
        FakeMachine waiting = nextOne();
        spares.close();
        assertThat(waiting.discarded).isTrue();
        assertThat(taken.discarded).as("it is a VM now").isFalse();
        assertThat(spares.take(OF_SMALL)).isEmpty();
    }

    @Test
    void closingBreaksOffTheOneInTheMaking() throws InterruptedException {
        maker.gate = new CompletableFuture<>();
        spares.want(SMALL);
        assertThat(maker.begun.poll(10, TimeUnit.SECONDS)).isEqualTo(SMALL);
        spares.close();
        assertThat(maker.made)
                .singleElement()
                .satisfies(late -> assertThat(late.discarded).isTrue());
        assertThat(spares.take(OF_SMALL)).isEmpty();
    }

    /** Waits for the next machine to wait. */
    private FakeMachine nextOne() throws InterruptedException {
        return next(1).getFirst();
    }

    private List<FakeMachine> next(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            assertThat(log.poll(10, TimeUnit.SECONDS)).contains("waits");
        }
        return maker.made.subList(maker.made.size() - count, maker.made.size());
    }

    private void assertNothingHappens(String why) throws InterruptedException {
        assertThat(log.poll(10 * QUIET.toMillis(), TimeUnit.MILLISECONDS))
                .as(why)
                .isNull();
    }

    /** Makes machines at once, or when it is told to; says when it begins. */
    private static final class FakeMaker implements Spares.Maker<FakeMachine> {
        private final BlockingQueue<VmShape> begun = new LinkedBlockingQueue<>();
        private final List<FakeMachine> made = new CopyOnWriteArrayList<>();
        private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);
        private volatile boolean wanted = true;
        private volatile boolean noThread;
        private volatile @Nullable String refusal;

        @Override
        public Optional<FakeMachine> make(VmShape shape) throws VmmException {
            begun.add(shape);
            gate.join();
            if (noThread) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            String no = refusal;
            if (no != null) {
                throw new VmmException(no, "");
            }
            if (!wanted) {
                return Optional.empty();
            }
            FakeMachine machine = new FakeMachine(shape);
            made.add(machine);
            return Optional.of(machine);
        }

        @Override
        public void abort() {
            gate.complete(null);
        }
    }

    private static final class FakeMachine implements Spares.Waiting {
        private final VmShape shape;
        private volatile boolean alive = true;
        private volatile boolean discarded;

        FakeMachine(VmShape shape) {
            this.shape = shape;
        }

        @Override
        public VmShape shape() {
            return shape;
        }

        @Override
        public boolean alive() {
            return alive;
        }

        @Override
        public void discard() {
            discarded = true;
        }
    }
}
