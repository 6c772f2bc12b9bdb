package dev.aegisvm.vmm.qemu;

import module java.base;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import org.jspecify.annotations.Nullable;

/**
 * The place where at most one machine waits for the next start, of the shape that the last start had. It is filled when
 * starts have been quiet for a while, so that nobody who waits for a VM shares the processor with one for nobody.
 */
final class Spares<M extends Spares.Machine> implements AutoCloseable {
    interface Machine {
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
    private final Duration quiet;
    private final Consumer<String> log;
    private final Thread refiller;
    private @Nullable M waiting;
    private @Nullable VmShape wanted;
    private int starting;
    private long quietSince;
    private boolean closed;

    /** @param quiet how long no start may have happened before a machine is made */
    Spares(Maker<M> maker, Duration quiet, Consumer<String> log) {
        this.maker = maker;
        this.quiet = quiet;
        this.log = log;
        this.refiller = Thread.ofVirtual().name("spares").unstarted(this::refill);
    }

    static <M extends Machine> Spares<M> open(Maker<M> maker, Duration quiet, Consumer<String> log) {
        Spares<M> spares = new Spares<>(maker, quiet, log);
        spares.refiller.start();
        return spares;
    }

    /** A start begins: it gets the machine that waits, if that has its shape and lives. {@link #started} ends it. */
    synchronized Optional<M> take(VmShape shape) {
        starting++;
        return fits(waiting, shape) ? Optional.ofNullable(exchange(null)) : Optional.empty();
    }

    /** A start begins that has no use for the machine that waits. {@link #started} ends it. */
    synchronized Optional<M> takeNone() {
        starting++;
        return Optional.empty();
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

    private static boolean fits(@Nullable Machine machine, VmShape shape) {
        return machine != null && machine.shape().equals(shape) && machine.alive();
    }

    private @Nullable M exchange(@Nullable M other) {
        M before = waiting;
        waiting = other;
        return before;
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

    /** The shape that is expected next, unless a machine of that shape waits. */
    private synchronized Optional<VmShape> need() {
        VmShape shape = wanted;
        wanted = null;
        return shape == null || fits(waiting, shape) ? Optional.empty() : Optional.of(shape);
    }

    /** There is never more than one: that of the old shape, or the dead one, goes first. */
    private void make(VmShape shape) {
        replace(null);
        long begin = System.nanoTime();
        try {
            Optional<M> made = maker.make(shape);
            if (made.isPresent()) {
                replace(made.get());
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                log.accept("spare: a machine of " + shape + " waits, made in " + millis + " ms");
            }
        } catch (VmmException | RuntimeException | OutOfMemoryError obstacle) { // such as: no further thread
            log.accept("spare: none for " + shape + ": " + obstacle.getMessage());
        }
    }

    private void replace(@Nullable M made) {
        M unused;
        synchronized (this) {
            unused = closed ? made : exchange(made);
        }
        if (unused != null) {
            unused.discard();
        }
    }

    /** Ends the machine that waits and the one in the making. Idempotent. */
    @Override
    public void close() {
        M last;
        synchronized (this) {
            closed = true;
            last = exchange(null);
            notifyAll();
        }
        maker.abort();
        if (last != null) {
            last.discard();
        }
        try {
            refiller.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
