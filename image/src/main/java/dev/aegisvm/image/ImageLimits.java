package dev.aegisvm.image;

/**
 * The limits of an image, which stop hostile ones.
 *
 * @param bytes of all layers together, uncompressed
 * @param entries files, directories and so on in all layers together
 * @param ratio how many times larger a layer may become when it is decompressed
 * @param ratioFree up to this many uncompressed bytes of a layer, the ratio does not apply
 */
public record ImageLimits(long bytes, long entries, int ratio, long ratioFree) {
    /** Enough for any image that fits a VM's disk. */
    public static final ImageLimits DEFAULT = new ImageLimits(32L << 30, 1_000_000, 200, 1L << 30);
}
