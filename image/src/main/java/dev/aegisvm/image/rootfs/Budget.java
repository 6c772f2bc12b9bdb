package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.*;

/**
 * What an image may cost, all its layers together. Code that spends something says so first; what is too much is
 * refused. A layer's size says little: names, links and paths of a few bytes can be work without end.
 */
public final class Budget {
    /** Of names, links and extended attributes. */
    private static final long MAX_TEXT = 128L << 20;
    /** An extended attribute takes more memory than its bytes. */
    static final long OVERHEAD = 64;
    /** Tools describe each directory; one that is only implied takes no byte of a layer, and much of our memory. */
    private static final long MAX_IMPLIED = 100_000;
    /** Names on the way to names: a hundred on the way to each of many files. */
    private static final long MAX_STEPS = 32_000_000;

    private final ImageLimits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong files = new AtomicLong();
    private final AtomicLong text = new AtomicLong();
    private final AtomicLong steps = new AtomicLong();
    private final AtomicLong implied = new AtomicLong();

    public Budget(ImageLimits limits) {
        this.limits = limits;
    }

    /**
     * Bytes that something was decompressed to.
     *
     * @param read how many of the compressed bytes were read for it until now
     * @param made how many came of them until now, these included
     */
    void decompressed(int more, long read, long made) throws ImageException {
        if (bytes.addAndGet(more) > limits.bytes()) {
            throw ImageException.tooLarge(
                    "the image has more than " + (limits.bytes() >> 20) + " MB after decompression");
        }
        if (made > limits.ratioFree() && made / Math.max(1, read) > limits.ratio()) {
            throw ImageException.tooLarge(
                    "a layer grows more than " + limits.ratio() + " times when it is decompressed");
        }
    }

    /**
     * Content of files, which in a sparse one is more than what the layer has of it.
     *
     * @param contents of the layer, until now
     * @param layer how many bytes of it were read
     */
    void contents(long contents, long layer) throws ImageException {
        if (contents > layer + limits.ratioFree()) {
            throw ImageException.tooLarge("the sparse files of a layer are larger than the limit");
        }
    }

    /** A directory on the way to a file, which no layer describes. */
    void impliedDirectory() throws ImageException {
        file();
        if (implied.incrementAndGet() > MAX_IMPLIED) {
            throw ImageException.tooLarge(
                    "the image has more than " + MAX_IMPLIED + " parent directories that no layer lists");
        }
    }

    void file() throws ImageException {
        if (files.incrementAndGet() > limits.entries()) {
            throw ImageException.tooLarge("the image has more than " + limits.entries() + " files");
        }
    }

    void text(long length) throws ImageException {
        if (text.addAndGet(length) > MAX_TEXT) {
            throw ImageException.tooLarge(
                    "the names, links and attributes in the image take more than " + (MAX_TEXT >> 20) + " MB");
        }
    }

    void steps(long more) throws ImageException {
        if (steps.addAndGet(more) > MAX_STEPS) {
            throw ImageException.tooLarge("the paths and links in the image lead through too many directories");
        }
    }
}
