package dev.aegisvm.vmm.start;

import static org.assertj.core.api.Assertions.assertThat;

import module java.base;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.VmExit.End;
import dev.aegisvm.vmm.start.Machines.Machine;
import dev.aegisvm.vmm.start.Spares.Spare;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
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
    private final Spares spares = new Spares(maker, 1, QUIET, log::add);

    @AfterEach
    void close() {
        spares.close();
    }

    @Test
    void theNextStartGetsAMachineOfTheLastOnesShape() throws InterruptedException {
        assertThat(spares.take(OF_SMALL)).isEmpty();
        spares.started(SMALL);
        Spare first = nextOne();
        assertThat(first.shape()).isEqualTo(SMALL);

        assertThat(spares.take(OF_SMALL)).containsSame(first);
        assertThat(spares.take(OF_SMALL)).as("it is nobody else's").isEmpty();
        spares.started(SMALL);
        assertNothingHappens("while a start goes on");
        spares.started(SMALL);
        assertThat(nextOne()).isNotSameAs(first);
        assertThat(FakeMachine.of(first).discarded).as("it is a VM now").isFalse();
    }

    @Test
    void oneOfAnotherShapeGoesWhenItsOwnIsWantedNoMore() throws InterruptedException {
        spares.want(SMALL);
        Spare small = nextOne();
        assertThat(spares.take(Optional.of(LARGE))).isEmpty();
        assertThat(FakeMachine.of(small).discarded).isFalse();
        spares.started(LARGE);
        assertThat(nextOne().shape()).isEqualTo(LARGE);
        assertThat(FakeMachine.of(small).discarded).as("there is one at most").isTrue();
    }

    @Test
    void oneThatDiedIsNotHandedOutButReplaced() throws InterruptedException {
        spares.want(SMALL);
        Spare dead = nextOne();
        FakeMachine.of(dead).exit.complete(new VmExit(new End.PoweredOff(), "", ""));
        assertThat(spares.take(OF_SMALL)).isEmpty();
        spares.started(SMALL);
        assertThat(nextOne().alive()).isTrue();
        assertThat(FakeMachine.of(dead).discarded).isTrue();
    }

    @Test
    void oneThatWaitsIsEnough() throws InterruptedException {
        spares.want(SMALL);
        Spare first = nextOne();
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
        try (Spares several = new Spares(maker, 2, QUIET, log::add)) {
            several.want(SMALL);
            List<Spare> made = next(2);
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
        Spare taken = nextOne();
        assertThat(spares.take(OF_SMALL)).isPresent();
        spares.started(SMALL);
        Spare waiting = nextOne();
        spares.close();
        assertThat(FakeMachine.of(waiting).discarded).isTrue();
        assertThat(FakeMachine.of(taken).discarded).as("it is a VM now").isFalse();
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
                .satisfies(late -> assertThat(FakeMachine.of(late).discarded).isTrue());
        assertThat(spares.take(OF_SMALL)).isEmpty();
    }

    /** Waits for the next machine to wait. */
    private Spare nextOne() throws InterruptedException {
        return next(1).getFirst();
    }

    private List<Spare> next(int count) throws InterruptedException {
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
    private static final class FakeMaker implements Spares.Maker {
        private final BlockingQueue<VmShape> begun = new LinkedBlockingQueue<>();
        private final List<Spare> made = new CopyOnWriteArrayList<>();
        private volatile CompletableFuture<VmExit> gate = CompletableFuture.completedFuture(null);
        private volatile boolean wanted = true;
        private volatile boolean noThread;
        private volatile @Nullable String refusal;

        @Override
        public Optional<Spare> make(VmShape shape, Consumer<Machine> starts) throws VmmException {
            FakeMachine machine = new FakeMachine(gate.isDone() ? new CompletableFuture<>() : gate);
            Spare spare = new Spare(shape, machine.seen(), Path.of("/nowhere"), Path.of("/nowhere.disk"));
            starts.accept(spare.machine());
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
            made.add(spare);
            return Optional.of(spare);
        }
    }

    /** A machine that remembers what became of it. */
    private static final class FakeMachine implements InvocationHandler {
        private final CompletableFuture<VmExit> exit;
        private volatile boolean discarded;

        FakeMachine(CompletableFuture<VmExit> exit) {
            this.exit = exit;
        }

        static FakeMachine of(Spare spare) {
            return (FakeMachine) Proxy.getInvocationHandler(spare.machine());
        }

        Machine seen() {
            return (Machine)
                    Proxy.newProxyInstance(Machine.class.getClassLoader(), new Class<?>[] {Machine.class}, this);
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // what a machine equals is itself
        public @Nullable Object invoke(Object machine, Method method, Object @Nullable [] arguments) {
            return switch (method.getName()) {
                case "exit" -> exit;
                case "equals" -> machine == Objects.requireNonNull(arguments)[0];
                case "hashCode" -> System.identityHashCode(machine);
                case "toString" -> "a machine";
                case "kill" -> {
                    exit.complete(new VmExit(new End.BySignal(9), "", ""));
                    yield exit.join();
                }
                case "discard" -> {
                    discarded = true;
                    yield null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
            };
        }
    }
}
