package dev.aegisvm.vmm.net;

import module java.base;
import dev.aegisvm.vmm.Network;
import dev.aegisvm.vmm.VmmException;

/**
 * The network of one VM, from the VM's start to its end. It comes up beside everything else that a start does. One that ends
 * while the VM lives is replaced at once: the VM's device connects to it by itself, and connections that the guest had open
 * are lost.
 */
public final class GuestNetwork implements AutoCloseable {
    /** A guest that can crash its network's process must not make us start processes without end. */
    static final int MAX_RESTARTS = 5;

    static final Duration PERIOD = Duration.ofMinutes(1);

    /** When a VM ends, its network's process ends too, and may be seen to do so first. */
    private static final long VM_ENDS_MILLIS = 250;

    private final Network network;
    private final Path runDirectory;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private FutureTask<Network.Link> link;
    private boolean closed;

    private GuestNetwork(Network network, Path runDirectory) {
        this.network = network;
        this.runDirectory = runDirectory;
        this.link = new FutureTask<>(() -> network.open(runDirectory));
    }

    /** Begins to bring a network up; {@link #await} tells when it is. */
    public static GuestNetwork begin(Network network, Path runDirectory) {
        GuestNetwork begun = new GuestNetwork(network, runDirectory);
        Thread.ofVirtual().name("network-" + runDirectory.getFileName()).start(begun.link);
        return begun;
    }

    /** Blocks until it is up, or says why it never will be. */
    public void await() throws VmmException {
        var _ = link();
    }

    private Network.Link link() throws VmmException {
        FutureTask<Network.Link> current;
        synchronized (this) {
            current = link;
        }
        try {
            return current.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof VmmException reason) {
                throw reason;
            }
            throw new VmmException("cannot start the guest's network", "See the daemon's log.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new VmmException("interrupted while the guest's network came up", "", e);
        }
    }

    public Network.Addresses addresses() {
        return network.addresses();
    }

    /** Whether it is up; blocks until that is known. */
    public boolean alive() {
        try {
            return link().alive();
        } catch (VmmException neverStarted) {
            return false;
        }
    }

    /**
     * From now on, a network that ends is replaced.
     *
     * @param vmExit completes when the VM has ended, and with it its need for a network
     * @param notices is told in a sentence what happened
     */
    public void keepUp(CompletableFuture<?> vmExit, Consumer<String> notices) throws VmmException {
        var _ = link().exit().thenRun(() -> whenVmLives(vmExit, () -> replace(vmExit, notices)));
    }

    private void whenVmLives(CompletableFuture<?> vmExit, Runnable action) {
        var _ = vmExit.thenApply(ended -> true)
                .completeOnTimeout(false, VM_ENDS_MILLIS, TimeUnit.MILLISECONDS)
                .thenAccept(ended -> {
                    if (!ended) {
                        Thread.ofVirtual().name("network").start(action);
                    }
                });
    }

    private synchronized void replace(CompletableFuture<?> vmExit, Consumer<String> notices) {
        if (closed) {
            return;
        }
        if (tooOften()) {
            notices.accept("the network is lost: " + network.name() + " ended more than " + MAX_RESTARTS
                    + " times within " + PERIOD.toSeconds() + " s; stop and start the instance to have it back");
            return;
        }
        try {
            link = new FutureTask<>(() -> network.open(runDirectory));
            link.run();
            keepUp(vmExit, notices);
            notices.accept("the network's process (" + network.name()
                    + ") ended and was started again; connections that were open are lost");
        } catch (VmmException obstacle) {
            notices.accept("the network is lost: " + network.name() + " ended, and " + obstacle.getMessage());
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
    public void close() {
        synchronized (this) {
            closed = true;
        }
        try {
            link().close();
        } catch (VmmException neverStarted) {
            // Then there is nothing to close.
        }
    }
}
