package dev.aegisvm.image;

/** Gets the progress of a pull. Called often, from any thread; must return at once. */
@FunctionalInterface
public interface PullListener {
    /** Ignores progress. */
    PullListener NONE = (phase, done, total) -> {};

    /** The parts of a pull. */
    enum Phase {
        /** The reference is looked up. */
        RESOLVING,
        /** Layers are fetched; counted in compressed bytes. */
        DOWNLOADING,
        /** The root file system is built. */
        BUILDING
    }

    /**
     * Reports progress.
     *
     * @param done bytes so far
     * @param total bytes in all; 0 while unknown
     */
    void progress(Phase phase, long done, long total);
}
