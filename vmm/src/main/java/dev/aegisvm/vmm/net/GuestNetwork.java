package dev.aegisvm.vmm.net;

import module java.base;
import dev.aegisvm.host.Posix;
import dev.aegisvm.vmm.*;

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

    private final Network network;
    private final Path runDirectory;
    private final CompletableFuture<?> vmExit;
    private final Consumer<String> notices;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private Network.Link link;
    private boolean closed;

    /**
     * Brings a network up.
     *
     * @param vmExit completes when the VM has ended, and with it its need for a network
     * @param notices is told in a sentence when it was replaced, or is lost
     */
    public GuestNetwork(Network network, Path runDirectory, CompletableFuture<?> vmExit, Consumer<String> notices)
            throws VmmException {
        this.network = network;
        this.runDirectory = runDirectory;
        this.vmExit = vmExit;
        this.notices = notices;
        this.link = network.open(runDirectory);
        keepUp();
    }

    public Network.Addresses addresses() {
        return network.addresses();
    }

    /** Replaces it when it ends and the VM lives on. */
    private void keepUp() {
        var _ = link.exit()
                .thenCompose(_ ->
                        vmExit.thenApply(_ -> true).completeOnTimeout(false, VM_ENDS_MILLIS, TimeUnit.MILLISECONDS))
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
            notices.accept("the network is lost: " + network.name() + " ended more than " + MAX_RESTARTS
                    + " times within " + PERIOD.toSeconds() + " s; stop and start the instance to restore it");
            return;
        }
        try {
            link = network.open(runDirectory);
            keepUp();
            notices.accept("the network's process (" + network.name()
                    + ") ended and was restarted; open connections are lost");
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
    public synchronized void close() {
        closed = true;
        link.process().kill(Posix.SIGKILL);
    }
}
