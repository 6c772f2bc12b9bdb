package dev.aegisvm.image.rootfs;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.Limits;
import dev.aegisvm.image.oci.Digest;
import dev.aegisvm.image.oci.ImageSource;
import dev.aegisvm.image.oci.ResolvedImage;
import dev.aegisvm.image.oci.VerifiedStream;
import dev.aegisvm.image.rootfs.LayerReader.ContentFile;
import dev.aegisvm.image.rootfs.LayerReader.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Builds a root file system from an image's layers. Each layer is read once, a few at a time. The tree is merged in memory
 * from the bottom up. Then the remaining contents go to {@code mkfs.erofs}.
 */
public final class RootfsBuilder {
    /** So that one is fetched while another is decompressed. */
    private static final int LAYERS_AT_ONCE = 3;

    private final ImageSource source;
    private final Path scratch;
    private final Limits limits;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong entries = new AtomicLong();

    /**
     * Works in a directory.
     *
     * @param scratch a directory of this build alone, which the caller deletes
     */
    public RootfsBuilder(ImageSource source, Path scratch, Limits limits) {
        this.source = source;
        this.scratch = scratch;
        this.limits = limits;
    }

    /**
     * Builds it; blocks.
     *
     * @param fetched gets the number of compressed bytes that came
     * @param merging is run when all layers have been read
     * @return how many bytes the file system has
     */
    public long build(ResolvedImage image, Path target, LongConsumer fetched, Runnable merging)
            throws ImageException, IOException {
        LayerMerge merge = new LayerMerge();
        try (ExecutorService readers = Executors.newFixedThreadPool(
                LAYERS_AT_ONCE, Thread.ofVirtual().name("layer-", 0).factory())) {
            List<Future<List<LayerEntry>>> layers = new ArrayList<>();
            for (ResolvedImage.Layer layer : image.layers()) {
                Path contents = scratch.resolve("contents-" + layers.size());
                Callable<List<LayerEntry>> read = () -> read(layer, contents, fetched);
                layers.add(readers.submit(read));
            }
            try {
                for (int i = 0; i < layers.size(); i++) {
                    merge.add(await(layers.get(i)));
                    // Frees the entries, which are merged now.
                    layers.set(i, CompletableFuture.completedFuture(List.of()));
                }
            } finally {
                readers.shutdownNow();
            }
        }
        merge.addDirectory(workdir(image));
        merging.run();
        return Erofs.write(merge.root(), target);
    }

    /** Created if no layer has it, as Docker does, so that processes can start in it. */
    private static EntryName workdir(ResolvedImage image) throws ImageException {
        byte[] name = image.config().imageConfig().workdir().getBytes(StandardCharsets.UTF_8);
        return EntryName.of(new String(name, StandardCharsets.ISO_8859_1));
    }

    private List<LayerEntry> read(ResolvedImage.Layer layer, Path contents, LongConsumer fetched)
            throws IOException, ImageException {
        try (InputStream blob = source.open(layer.blob(), scratch, fetched);
                InputStream tar = plain(blob, layer);
                ContentFile file = new ContentFile(contents)) {
            List<LayerEntry> read = new LayerReader(limits, entries).read(tar, file);
            // The blob's digest includes what follows the compressed data.
            blob.transferTo(OutputStream.nullOutputStream());
            return read;
        }
    }

    private InputStream plain(InputStream blob, ResolvedImage.Layer layer) throws IOException, ImageException {
        InputStream bounded = new LayerStreams.Bounded(
                Compression.undo(blob), limits, bytes, layer.blob().size());
        return layer.diffId().isEmpty()
                ? bounded
                : new VerifiedStream(bounded, Digest.parse(layer.diffId()), "an uncompressed layer");
    }

    private static List<LayerEntry> await(Future<List<LayerEntry>> layer) throws ImageException, IOException {
        try {
            return layer.get();
        } catch (ExecutionException e) {
            throw unwrapped(e.getCause() == null ? e : e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while layers were read", e);
        }
    }

    /** The reason for a failure: streams can report ours only as the cause of an I/O error. */
    private static ImageException unwrapped(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ImageException reason) {
                return reason;
            }
        }
        return new ImageException(
                ImageException.Reason.BROKEN,
                "a layer cannot be read: " + failure.getMessage(),
                "the image is damaged, or the cache's file system is full",
                failure);
    }
}
