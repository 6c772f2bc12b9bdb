package dev.aegisvm.vmm.start;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.*;
import dev.aegisvm.vmm.start.Machines.Machine;
import org.jspecify.annotations.Nullable;

/**
 * The machines that wait for the next starts, of the shape that the last start had. They are made when there has been
 * no start for a while, so that no start shares the processor with one that may not be needed.
 */
final class Spares implements AutoCloseable {
    /**
     * One of them, frozen. It was restored from the mounted template of the base image and has run a few processes, so
     * the emulator has translated what a start runs. Disk, clock and identity come later.
     *
     * @param directory of its own, with its sockets
     * @param disk begins as that of the template, and becomes the instance's
     */
    record Spare(VmShape shape, Machine machine, Path directory, Path disk) {
        /** Whether it can still be used; one that waits may be killed from outside. */
        boolean alive() {
            return !machine.exit().isDone();
        }

        /** Lets the machine go on, with its disk in an instance's place. */
        void wake(Path place) throws IOException {
            Files.move(disk, place, StandardCopyOption.ATOMIC_MOVE);
            if (!machine.process().kill(Posix.SIGCONT)) {
                throw new IOException("its process has ended");
            }
        }

        void discard() {
            machine.discard();
            removeFiles();
        }

        void removeFiles() {
            try {
                PrivateDirectory.remove(directory);
                Files.deleteIfExists(disk);
            } catch (IOException gone) {
                // At its end the daemon removes all such files.
            }
        }
    }

    @FunctionalInterface
    interface Maker {
        /**
         * Makes one; empty where none is wanted. Blocks.
         *
         * @param begun is told of its machine, so that closing need not wait for it
         */
        Optional<Spare> make(VmShape shape, Consumer<Machine> begun) throws IOException, VmmException;
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
    Spares(Maker maker, int most, Duration quiet, Consumer<String> log) {
        this.maker = maker;
        this.most = most;
        this.quiet = quiet;
        this.log = log;
        this.refiller = Thread.ofVirtual().name("spares").start(this::refill);
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
            for (var shape = missing(); shape.isPresent(); shape = missing()) {
                make(shape.get());
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }

    /** The shape of which a machine is missing, once no start has happened for a while; empty when this is closed. */
    private synchronized Optional<VmShape> missing() throws InterruptedException {
        while (!closed) {
            long left = quietSince + quiet.toNanos() - System.nanoTime();
            if (wanted == null || starting > 0) {
                wait();
            } else if (left > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } else if (alive(wanted).count() < most) {
                return Optional.of(wanted);
            } else {
                wanted = null;
            }
        }
        return Optional.empty();
    }

    /** Those of another shape, and the dead ones, go first. */
    private void make(VmShape shape) {
        removeUseless(shape).forEach(Spare::discard);
        long begin = System.nanoTime();
        try {
            Optional<Spare> made = maker.make(shape, this::begun);
            if (made.isEmpty()) {
                wantNone(shape);
            } else if (add(made.get())) {
                long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
                log.accept("spare: a machine of " + shape + " waits, made in " + millis + " ms");
            } else {
                made.get().discard();
            }
        } catch (IOException | VmmException | RuntimeException | OutOfMemoryError obstacle) {
            // Such as: no further thread.
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

    private synchronized void begun(Machine machine) {
        making = machine;
        if (closed) {
            machine.kill();
        }
    }

    private synchronized boolean add(Spare made) {
        making = null;
        return !closed && waiting.add(made);
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
