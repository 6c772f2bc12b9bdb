package dev.aegisvm.image;

import module java.base;

/** Who waits for an image. Gets the progress of its pull: called often, from any thread; must return at once. */
@FunctionalInterface
public interface PullListener {
    PullListener NONE = (phase, done, total) -> {};

    enum Phase {
        /** Layers are fetched; counted in compressed bytes. */
        DOWNLOADING,
        BUILDING
    }

    /** Tells how many bytes were taken of a total, which is 0 while unknown. */
    void progress(Phase phase, long done, long total);

    /** Completes when it does not wait any more; a pull that nobody waits for ends. */
    default CompletableFuture<Void> left() {
        return new CompletableFuture<>();
    }
}
