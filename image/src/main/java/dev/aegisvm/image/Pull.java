package dev.aegisvm.image;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** A pull under way, and everyone who waits for it. */
final class Pull {
    private final CompletableFuture<Image> result = new CompletableFuture<>();
    private final List<PullListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private final long total;

    Pull(long total) {
        this.total = total;
    }

    CompletableFuture<Image> result() {
        return result;
    }

    void listen(PullListener listener) {
        listeners.add(listener);
    }

    void fetched(long bytes) {
        tell(PullListener.Phase.DOWNLOADING, done.addAndGet(bytes));
    }

    void building() {
        tell(PullListener.Phase.BUILDING, total);
    }

    private void tell(PullListener.Phase phase, long bytes) {
        for (PullListener listener : listeners) {
            listener.progress(phase, bytes, total);
        }
    }
}
