package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageLimits;
import dev.aegisvm.image.rootfs.LayerReader.ContentFile;
import dev.aegisvm.image.rootfs.LayerReader.LayerEntry;

/**
 * Builds a root file system from an image's layers. Each layer is read once, a few at a time. The tree is merged in memory
 * from the bottom up. Then the remaining contents go to {@code mkfs.erofs}.
 */
public final class RootfsBuilder {
    /** So that one is fetched while another is decompressed. */
    private static final int LAYERS_AT_ONCE = 3;

    private final Path scratch;
    private final Budget budget;
    private final LongConsumer progress;

    /**
     * A layer of an image, on this host.
     *
     * @param blob stays; bytes of one that was fetched are no news to whoever hears of progress
     * @param digest of the blob, to be checked while it is read; empty where that was done, or nothing is known
     * @param diffId the digest of the uncompressed bytes; empty when unknown
     */
    public record Layer(Blob blob, Optional<Digest> digest, Optional<Digest> diffId) {}

    /**
     * Works in a directory.
     *
     * @param scratch a directory of this build alone, which the caller deletes
     * @param progress gets the number of bytes that were read of blobs that stay
     */
    public RootfsBuilder(Path scratch, ImageLimits limits, LongConsumer progress) {
        this.scratch = scratch;
        this.budget = new Budget(limits);
        this.progress = progress;
    }

    /**
     * Builds it; blocks.
     *
     * @param layers the lowest first; each is called once, and may wait for its blob
     * @param workdir a directory that is made if no layer has it, as Docker does, so that processes can start in it
     * @param merging is run when all layers have been read
     * @return how many bytes the file system has
     */
    public long build(List<Callable<Layer>> layers, String workdir, Path target, Runnable merging)
            throws ImageException, IOException {
        LayerMerge merge = new LayerMerge(budget);
        try (ExecutorService readers = Executors.newFixedThreadPool(
                LAYERS_AT_ONCE, Thread.ofVirtual().name("layer-", 0).factory())) {
            List<Future<List<LayerEntry>>> read = new ArrayList<>();
            for (Callable<Layer> layer : layers) {
                Path contents = scratch.resolve("contents-" + read.size());
                read.add(readers.submit(() -> read(layer.call(), contents)));
            }
            try {
                for (int i = 0; i < read.size(); i++) {
                    merge.add(await(read.get(i)));
                    // Frees the entries, which are merged now.
                    read.set(i, CompletableFuture.completedFuture(List.of()));
                }
            } finally {
                readers.shutdownNow();
            }
        }
        byte[] name = workdir.getBytes(StandardCharsets.UTF_8);
        merge.addDirectory(EntryName.of(new String(name, StandardCharsets.ISO_8859_1)));
        merging.run();
        return Erofs.write(merge.root(), target, scratch);
    }

    private List<LayerEntry> read(Layer layer, Path contents) throws IOException, ImageException {
        try (InputStream blob = opened(layer);
                InputStream tar = plain(blob, layer);
                ContentFile file = new ContentFile(contents)) {
            List<LayerEntry> read = new LayerReader(tar, file, budget).read();
            // The blob's digest includes what follows the compressed data.
            blob.transferTo(OutputStream.nullOutputStream());
            return read;
        }
    }

    private InputStream opened(Layer layer) throws IOException {
        InputStream bytes = layer.blob().open();
        InputStream told = layer.blob().fetched() ? bytes : ReadThrough.counting(bytes, progress);
        return layer.digest().isEmpty()
                ? told
                : ReadThrough.verified(told, layer.digest().get(), "a layer");
    }

    private InputStream plain(InputStream blob, Layer layer) throws IOException {
        InputStream plain = Compression.undo(blob, budget);
        return layer.diffId().isEmpty()
                ? plain
                : ReadThrough.verified(plain, layer.diffId().get(), "an uncompressed layer");
    }

    private static List<LayerEntry> await(Future<List<LayerEntry>> layer) throws ImageException, IOException {
        try {
            return layer.get();
        } catch (ExecutionException e) {
            throw ImageException.inLayer(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while layers were read", e);
        }
    }
}
