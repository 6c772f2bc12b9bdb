package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import org.jspecify.annotations.Nullable;

/**
 * The place where machines wait for the next starts, of the shape that the last start had. It is filled when starts have been
 * quiet for a while, so that nobody who waits for a VM shares the processor with one for nobody.
 */
final class Spares<M extends Spares.Machine> implements AutoCloseable {
    /**
     * What a machine can be used for.
     *
     * @param mounted its root is mounted: it is for a new instance of the base image alone, where a bare one fits all starts
     */
    record Kind(VmShape shape, boolean mounted) {
        @Override
        public String toString() {
            return shape + (mounted ? " with its root mounted" : "");
        }
    }

    interface Machine {
        Kind kind();

        /** Whether it can still be used; one that waits may be killed from outside. */
        boolean alive();

        void discard();
    }

    interface Maker<M> {
        /** Makes one; empty where none is wanted. Blocks. */
        Optional<M> make(Kind kind) throws VmmException;

        /** Makes the making under way fail soon, and each one after it. */
        void abort();
    }

    private final Maker<M> maker;
    private final int most;
    private final Duration quiet;
    private final Consumer<String> log;
    private final Thread refiller;
    private final List<M> waiting = new ArrayList<>();
    private @Nullable VmShape wanted;
    private int starting;
    private long quietSince;
    private boolean closed;

    /**
     * @param most how many machines wait: a bare one first, since it fits every start, and then mounted ones
     * @param quiet how long no start may have happened before a machine is made
     */
    private Spares(Maker<M> maker, int most, Duration quiet, Consumer<String> log) {
        this.maker = maker;
        this.most = most;
        this.quiet = quiet;
        this.log = log;
        this.refiller = Thread.ofVirtual().name("spares").unstarted(this::refill);
    }

    static <M extends Machine> Spares<M> open(Maker<M> maker, int most, Duration quiet, Consumer<String> log) {
        Spares<M> spares = new Spares<>(maker, most, quiet, log);
        spares.refiller.start();
        return spares;
    }

    /**
     * A start begins: it gets a machine that waits and lives. {@link #started} ends it.
     *
     * @param kinds which it can use, the best first; none for a start that needs something else
     */
    synchronized Optional<M> take(List<Kind> kinds) {
        starting++;
        Optional<M> found = kinds.stream().flatMap(this::alive).findFirst();
        found.ifPresent(waiting::remove);
        return found;
    }

    private Stream<M> alive(Kind kind) {
        return waiting.stream().filter(machine -> machine.kind().equals(kind) && machine.alive());
    }

    /** A start has ended, well or not: the next one is expected to be like it. */
    synchronized void started(VmShape shape) {
        starting--;
        want(shape);
    }

    synchronized void want(VmShape shape) {
        wanted = shape;
        quietSince = System.nanoTime();
        notifyAll();
    }

    private void refill() {
        try {
            while (awaitQuiet()) {
                need().ifPresent(this::make);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until a start was expected and none has happened for a while; false when that is over. */
    private synchronized boolean awaitQuiet() throws InterruptedException {
        while (!closed && quietLeft() > 0) {
            TimeUnit.NANOSECONDS.timedWait(this, quietLeft());
        }
        return !closed;
    }

    private long quietLeft() {
        boolean idle = starting == 0 && wanted != null;
        return idle ? quietSince + quiet.toNanos() - System.nanoTime() : Long.MAX_VALUE;
    }

    /** What is still missing of what the next starts are expected to use. */
    private synchronized Optional<Kind> need() {
        VmShape shape = Objects.requireNonNull(wanted);
        Kind bare = new Kind(shape, false);
        Kind mounted = new Kind(shape, true);
        if (most > 0 && alive(bare).findAny().isEmpty()) {
            return Optional.of(bare);
        }
        if (alive(mounted).count() < most - 1) {
            return Optional.of(mounted);
        }
        wanted = null;
        return Optional.empty();
    }

    /** Those of another shape, and the dead ones, go first. */
    private void make(Kind kind) {
        removeUseless(kind.shape()).forEach(Machine::discard);
        long begin = System.nanoTime();
        try {
            Optional<M> made = maker.make(kind);
            if (made.isPresent()) {
                add(made.get());
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                log.accept("spare: a machine of " + kind + " waits, made in " + millis + " ms");
            } else {
                wantNone(kind);
            }
        } catch (VmmException | RuntimeException | OutOfMemoryError obstacle) { // such as: no further thread
            wantNone(kind);
            log.accept("spare: cannot make one of " + kind + ": " + obstacle.getMessage());
        }
    }

    private synchronized List<M> removeUseless(VmShape shape) {
        List<M> useless = waiting.stream()
                .filter(machine -> !machine.kind().shape().equals(shape) || !machine.alive())
                .toList();
        waiting.removeAll(useless);
        return useless;
    }

    private void add(M made) {
        boolean kept;
        synchronized (this) {
            kept = !closed && waiting.add(made);
        }
        if (!kept) {
            made.discard();
        }
    }

    /** Until the next start asks again, unless that has happened. */
    private synchronized void wantNone(Kind kind) {
        if (kind.shape().equals(wanted)) {
            wanted = null;
        }
    }

    /** Ends the machines that wait and the one in the making. Idempotent. */
    @Override
    public void close() {
        List<M> last;
        synchronized (this) {
            closed = true;
            last = List.copyOf(waiting);
            waiting.clear();
            notifyAll();
        }
        maker.abort();
        last.forEach(Machine::discard);
        try {
            refiller.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
