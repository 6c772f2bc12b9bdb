package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import org.jspecify.annotations.Nullable;

/**
 * The machines that wait for the next starts, of the shape that the last start had. They are made when there has been no start for a
 * while, so that no start shares the processor with one that may not be needed.
 */
final class Spares<M extends Spares.Waiting> implements AutoCloseable {
    interface Waiting {
        VmShape shape();

        /** Whether it can still be used; one that waits may be killed from outside. */
        boolean alive();

        void discard();
    }

    interface Maker<M> {
        /** Makes one; empty where none is wanted. Blocks. */
        Optional<M> make(VmShape shape) throws VmmException;

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
     * @param most how many machines wait
     * @param quiet how long no start may have happened before a machine is made
     */
    private Spares(Maker<M> maker, int most, Duration quiet, Consumer<String> log) {
        this.maker = maker;
        this.most = most;
        this.quiet = quiet;
        this.log = log;
        this.refiller = Thread.ofVirtual().name("spares").unstarted(this::refill);
    }

    static <M extends Waiting> Spares<M> open(Maker<M> maker, int most, Duration quiet, Consumer<String> log) {
        Spares<M> spares = new Spares<>(maker, most, quiet, log);
        spares.refiller.start();
        return spares;
    }

    /**
     * A start begins: it gets a machine that waits and lives. {@link #started} ends it.
     *
     * @param shape absent for a start that needs something else
     */
    synchronized Optional<M> take(Optional<VmShape> shape) {
        starting++;
        Optional<M> found = shape.flatMap(each -> alive(each).findFirst());
        found.ifPresent(waiting::remove);
        return found;
    }

    private Stream<M> alive(VmShape shape) {
        return waiting.stream().filter(machine -> machine.shape().equals(shape) && machine.alive());
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

    /** The shape of a machine that is still missing. */
    private synchronized Optional<VmShape> need() {
        VmShape shape = Objects.requireNonNull(wanted);
        if (alive(shape).count() < most) {
            return Optional.of(shape);
        }
        wanted = null;
        return Optional.empty();
    }

    /** Those of another shape, and the dead ones, go first. */
    private void make(VmShape shape) {
        removeUseless(shape).forEach(Waiting::discard);
        long begin = System.nanoTime();
        try {
            Optional<M> made = maker.make(shape);
            if (made.isPresent()) {
                add(made.get());
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                log.accept("spare: a machine of " + shape + " waits, made in " + millis + " ms");
            } else {
                wantNone(shape);
            }
        } catch (VmmException | RuntimeException | OutOfMemoryError obstacle) { // such as: no further thread
            wantNone(shape);
            log.accept("spare: cannot make one of " + shape + ": " + obstacle.getMessage());
        }
    }

    private synchronized List<M> removeUseless(VmShape shape) {
        List<M> useless = waiting.stream()
                .filter(machine -> !machine.shape().equals(shape) || !machine.alive())
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
    private synchronized void wantNone(VmShape shape) {
        if (shape.equals(wanted)) {
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
        last.forEach(Waiting::discard);
        try {
            refiller.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
