package dev.aegisvm.vmm.net;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.vmm.VmmException;

/**
 * The network of one VM. One that ends while the VM lives is replaced at once: the VM's device connects to it by
 * itself, and connections that the guest had open are lost.
 */
public final class GuestNetwork implements AutoCloseable {
    /** A guest that can crash its network's process must not make us start processes without end. */
    static final int MAX_RESTARTS = 5;

    static final Duration PERIOD = Duration.ofMinutes(1);

    /** When a VM ends, its network's process ends too, and may be seen to do so first. */
    private static final long VM_ENDS_MILLIS = 250;

    private final Passt passt;
    private final Path runDirectory;
    private final CompletableFuture<?> vmExit;
    private final Consumer<String> notices;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private ProcessIdentity process;
    private boolean closed;

    /**
     * Brings a network up.
     *
     * @param vmExit completes when the VM has ended, and with it its need for a network
     * @param notices is told in a sentence when it was replaced, or is lost
     */
    public GuestNetwork(Passt passt, Path runDirectory, CompletableFuture<?> vmExit, Consumer<String> notices)
            throws VmmException {
        this.passt = passt;
        this.runDirectory = runDirectory;
        this.vmExit = vmExit;
        this.notices = notices;
        this.process = passt.open(runDirectory, this::down);
    }

    /** It has ended, and is replaced if the VM lives on. */
    private void down() {
        var _ = vmExit.thenApply(_ -> true)
                .completeOnTimeout(false, VM_ENDS_MILLIS, TimeUnit.MILLISECONDS)
                .thenAccept(vmEnded -> {
                    if (!vmEnded) {
                        Thread.ofVirtual().name("network").start(this::replace);
                    }
                });
    }

    private synchronized void replace() {
        if (closed) {
            return;
        }
        if (tooOften()) {
            notices.accept("the network is lost: " + Passt.NAME + " ended more than " + MAX_RESTARTS + " times within "
                    + PERIOD.toSeconds() + " s; stop and start the instance to restore it");
            return;
        }
        try {
            process = passt.open(runDirectory, this::down);
            notices.accept(
                    "the network's process (" + Passt.NAME + ") ended and was restarted; open connections are lost");
        } catch (VmmException obstacle) {
            notices.accept("the network is lost: " + Passt.NAME + " ended, and " + obstacle.getMessage());
        }
    }

    private boolean tooOften() {
        long now = System.nanoTime();
        while (!restarts.isEmpty() && now - restarts.peekFirst() > PERIOD.toNanos()) {
            restarts.removeFirst();
        }
        restarts.addLast(now);
        return restarts.size() > MAX_RESTARTS;
    }

    @Override
    public synchronized void close() {
        closed = true;
        process.kill(Posix.SIGKILL);
    }
}
