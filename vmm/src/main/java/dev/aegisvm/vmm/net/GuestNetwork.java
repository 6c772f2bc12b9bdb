package dev.aegisvm.vmm.net;

import dev.aegisvm.vmm.VmmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The network of one VM as long as it lives: a passt that ends is noticed at once, and another takes its place. The VM's
 * device connects to that by itself; connections that the guest had open are lost.
 */
public final class GuestNetwork implements AutoCloseable {
    /** A guest that can crash passt does not get to start processes without end. */
    static final int MOST_RESTARTS = 5;

    static final Duration PERIOD = Duration.ofMinutes(1);

    /** When a VM ends, its passt does so too, and may be seen to do so first. */
    private static final long VM_ENDS_MILLIS = 250;

    private final Path runDirectory;
    private final CompletableFuture<?> vmExit;
    private final Deque<Long> restarts = new ArrayDeque<>();
    private Passt passt;
    private boolean closed;

    /**
     * A network that is up.
     *
     * @param vmExit completes when the VM has ended, and with it its need for a network
     */
    public GuestNetwork(Path runDirectory, Passt passt, CompletableFuture<?> vmExit) {
        this.runDirectory = runDirectory;
        this.passt = passt;
        this.vmExit = vmExit;
    }

    /** From now on, a passt that ends is replaced. What happened is told in a sentence each time. */
    public synchronized void keepUp(Consumer<String> notices) {
        var _ = passt.exit().thenRun(() -> whenVmLives(() -> replace(notices)));
    }

    private void whenVmLives(Runnable action) {
        var _ = vmExit.thenApply(ended -> true)
                .completeOnTimeout(false, VM_ENDS_MILLIS, TimeUnit.MILLISECONDS)
                .thenAcceptAsync(
                        ended -> {
                            if (!ended) {
                                action.run();
                            }
                        },
                        Thread.ofVirtual().name("network")::start);
    }

    private synchronized void replace(Consumer<String> notices) {
        if (closed) {
            return;
        }
        if (tooOften()) {
            notices.accept("the network is lost: passt ended more than " + MOST_RESTARTS + " times within "
                    + PERIOD.toSeconds() + " s; stop and start the instance to have it back");
            return;
        }
        try {
            passt = Passt.start(runDirectory);
        } catch (VmmException obstacle) {
            notices.accept("the network is lost: passt ended, and " + obstacle.getMessage());
            return;
        }
        notices.accept(
                "the network's process (passt) ended and was started again; connections that were open are lost");
        keepUp(notices);
    }

    private boolean tooOften() {
        long now = System.nanoTime();
        while (!restarts.isEmpty() && now - restarts.peekFirst() > PERIOD.toNanos()) {
            restarts.removeFirst();
        }
        restarts.addLast(now);
        return restarts.size() > MOST_RESTARTS;
    }

    @Override
    public synchronized void close() {
        closed = true;
        passt.close();
    }
}
