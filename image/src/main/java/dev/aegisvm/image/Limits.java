package dev.aegisvm.image;

/**
 * What an image may have at most; a hostile one ends at these.
 *
 * @param bytes of all layers together, uncompressed
 * @param entries files, directories and so on in all layers together
 * @param ratio how many times larger than compressed a layer may be
 * @param ratioFree uncompressed bytes of a layer to which the ratio does not apply yet
 */
public record Limits(long bytes, long entries, int ratio, long ratioFree) {
    /** Enough for any image that fits a VM's disk. */
    public static final Limits DEFAULT = new Limits(32L << 30, 1_000_000, 200, 1L << 30);
}
