package dev.aegisvm.image;

/** Gets the progress of a pull. Called often, from any thread; must return at once. */
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
}
