package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.vmm.VmShape;
import dev.aegisvm.vmm.VmmException;
import org.jspecify.annotations.Nullable;

/**
 * The machines that wait for the next starts, of the shape that the last start had. They are made when there has been no start for a
 * while, so that no start shares the processor with one that may not be needed.
 */
final class Spares implements AutoCloseable {
    @FunctionalInterface
    interface Maker {
        /**
         * Makes one; empty where none is wanted. Blocks.
         *
         * @param begun is told of its machine, so that closing need not wait for it
         */
        Optional<Spare> make(VmShape shape, Consumer<Machine> begun) throws VmmException;
    }

    private final Maker maker;
    private final int most;
    private final Duration quiet;
    private final Consumer<String> log;
    private final Thread refiller;
    private final List<Spare> waiting = new ArrayList<>();
    private @Nullable VmShape wanted;
    private @Nullable Machine making;
    private int starting;
    private long quietSince;
    private boolean closed;

    /**
     * @param most how many machines wait
     * @param quiet how long no start may have happened before a machine is made
     */
    private Spares(Maker maker, int most, Duration quiet, Consumer<String> log) {
        this.maker = maker;
        this.most = most;
        this.quiet = quiet;
        this.log = log;
        this.refiller = Thread.ofVirtual().name("spares").unstarted(this::refill);
    }

    static Spares open(Maker maker, int most, Duration quiet, Consumer<String> log) {
        Spares spares = new Spares(maker, most, quiet, log);
        spares.refiller.start();
        return spares;
    }

    /**
     * A start begins: it gets a machine that waits and lives. {@link #started} ends it.
     *
     * @param shape absent for a start that needs something else
     */
    synchronized Optional<Spare> take(Optional<VmShape> shape) {
        starting++;
        Optional<Spare> found = shape.flatMap(each -> alive(each).findFirst());
        found.ifPresent(waiting::remove);
        return found;
    }

    private Stream<Spare> alive(VmShape shape) {
        return waiting.stream().filter(spare -> spare.shape().equals(shape) && spare.alive());
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
        removeUseless(shape).forEach(Spare::discard);
        long begin = System.nanoTime();
        try {
            Optional<Spare> made = maker.make(shape, this::begun);
            begun(null);
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

    private synchronized List<Spare> removeUseless(VmShape shape) {
        List<Spare> useless = waiting.stream()
                .filter(spare -> !spare.shape().equals(shape) || !spare.alive())
                .toList();
        waiting.removeAll(useless);
        return useless;
    }

    private synchronized void begun(@Nullable Machine machine) {
        making = machine;
        if (closed && machine != null) {
            machine.kill();
        }
    }

    private void add(Spare made) {
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
        List<Spare> last;
        synchronized (this) {
            closed = true;
            last = List.copyOf(waiting);
            waiting.clear();
            notifyAll();
            if (making != null) {
                making.kill();
            }
        }
        last.forEach(Spare::discard);
        try {
            refiller.join();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
