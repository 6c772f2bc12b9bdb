package dev.aegisvm.image;

/** Is told how far a pull has come; called from any thread, often, and must return at once. */
@FunctionalInterface
public interface PullListener {
    /** Whoever does not care. */
    PullListener NONE = (phase, done, total) -> {};

    /** The parts of a pull. */
    enum Phase {
        /** What the reference stands for is being found out. */
        RESOLVING,
        /** Layers are being fetched; counted in compressed bytes. */
        DOWNLOADING,
        /** The root file system is being made. */
        BUILDING
    }

    /**
     * Tells how far it has come.
     *
     * @param done bytes so far
     * @param total bytes in all; 0 while nobody knows
     */
    void progress(Phase phase, long done, long total);
}
