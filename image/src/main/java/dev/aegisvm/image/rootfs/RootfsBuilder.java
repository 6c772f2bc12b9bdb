package dev.aegisvm.image.rootfs;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.LayerReader.LayerEntry;

/**
 * Builds a root file system from an image's layers. Each layer is read once, a few at a time. The tree is merged in
 * memory from the bottom up. Then the remaining contents go to {@code mkfs.erofs}.
 */
public final class RootfsBuilder {
    /** So that one is fetched while another is decompressed. */
    private static final int LAYERS_AT_ONCE = 3;
    /** Every disk of a VM is a sparse file of this size, so that one template fits all of them. */
    private static final long DEVICE_SIZE = 64L << 30;
    /** Of mkfs.erofs: half a kilobyte for each file of the largest image. */
    private static final long MAX_MEMORY = 768L << 20;

    private static final int PIPE_BUFFER = 1024 * 1024;
    private static final int MAX_MESSAGE = 2000;

    private final Path scratch;
    private final Budget budget;
    private final LongConsumer progress;

    /**
     * @param scratch a directory of this build alone, which the caller deletes
     * @param budget what all of it may cost
     * @param progress gets the number of bytes that were read of blobs that stay
     */
    public RootfsBuilder(Path scratch, Budget budget, LongConsumer progress) {
        this.scratch = scratch;
        this.budget = budget;
        this.progress = progress;
    }

    /**
     * A layer of an image, on this host.
     *
     * @param blob stays; bytes of one that was fetched are not reported as progress
     * @param digest of the blob, to be checked while it is read; empty where that was done, or nothing is known
     * @param diffId the digest of the uncompressed bytes; empty when unknown
     */
    public record Layer(Blob blob, Optional<Digest> digest, Optional<Digest> diffId) {}

    /**
     * Builds it; blocks.
     *
     * @param layers the lowest first; each is called once, and may wait for its blob
     * @param workdir a directory that is made if no layer has it, as Docker does, so that processes can start in it
     * @param merging is run when all layers have been read
     * @return how many bytes the file system has
     */
    public long build(List<Callable<Layer>> layers, String workdir, Path target, Runnable merging) throws IOException {
        LayerMerge merge = new LayerMerge(budget);
        try (ExecutorService readers = Executors.newFixedThreadPool(
                LAYERS_AT_ONCE, Thread.ofVirtual().name("layer-", 0).factory())) {
            Queue<Future<List<LayerEntry>>> read = new ArrayDeque<>();
            for (Callable<Layer> layer : layers) {
                Path contents = scratch.resolve("contents-" + read.size());
                read.add(readers.submit(() -> read(layer.call(), contents)));
            }
            try {
                while (!read.isEmpty()) {
                    // Of one that is merged, the entries are freed.
                    merge.add(await(read.remove()));
                }
            } finally {
                readers.shutdownNow();
            }
        }
        byte[] name = workdir.getBytes(StandardCharsets.UTF_8);
        merge.addDirectory(EntryName.of(new String(name, StandardCharsets.ISO_8859_1)));
        merging.run();
        return write(merge, target);
    }

    private List<LayerEntry> read(Layer layer, Path contents) throws IOException {
        try (InputStream bytes = layer.blob().open();
                DigestInputStream blob = digested(
                        layer.blob().fetched() ? bytes : ReadThrough.counting(bytes, progress), layer.digest());
                DigestInputStream tar = digested(Compression.undo(blob, budget), layer.diffId());
                LayerReader reader = new LayerReader(tar, contents, budget)) {
            List<LayerEntry> read = reader.read();
            // Digests include what follows the tar's end, and the compressed data.
            tar.transferTo(OutputStream.nullOutputStream());
            blob.transferTo(OutputStream.nullOutputStream());
            check(blob, layer.digest(), "a layer");
            check(tar, layer.diffId(), "an uncompressed layer");
            return read;
        }
    }

    /** A stream whose digest is computed where one is expected. It must not be skipped. */
    private static DigestInputStream digested(InputStream in, Optional<Digest> expected) {
        DigestInputStream stream = new DigestInputStream(in, Digest.sha256());
        stream.on(expected.isPresent());
        return stream;
    }

    private static void check(DigestInputStream read, Optional<Digest> expected, String what) throws ImageException {
        if (expected.isPresent()) {
            Digest.finished(read.getMessageDigest()).require(expected.get(), what);
        }
    }

    private static List<LayerEntry> await(Future<List<LayerEntry>> layer) throws IOException {
        try {
            return layer.get();
        } catch (ExecutionException e) {
            throw ImageException.inLayer(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while reading layers", e);
        }
    }

    /**
     * Writes the image: {@code mkfs.erofs} reads a tar, so nothing is unpacked on the host. Returns how many bytes it
     * has, before it is stretched to the size of a device.
     */
    private long write(LayerMerge merged, Path image) throws IOException {
        Path output = scratch.resolve("mkfs.erofs.log");
        Process mkfs = startMkfs(image, output);
        Optional<IOException> broken = Optional.empty();
        try (OutputStream pipe = new BufferedOutputStream(mkfs.getOutputStream(), PIPE_BUFFER);
                RootTar tar = new RootTar(pipe, merged.shared())) {
            tar.write(merged.root());
        } catch (ImageException refused) {
            mkfs.destroyForcibly();
            throw refused;
        } catch (IOException e) {
            broken = Optional.of(e);
            mkfs.destroy();
        }
        int status = mkfs.onExit().join().exitValue();
        if (status != 0 || broken.isPresent()) {
            String message = Files.readString(output).strip();
            throw new ImageException(
                    ImageException.Reason.STORAGE,
                    "mkfs.erofs could not build the image (status " + status + "): "
                            + message.substring(0, Math.min(message.length(), MAX_MESSAGE)),
                    "check that the cache's file system has free space",
                    broken.orElse(null));
        }
        long size = Files.size(image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(DEVICE_SIZE);
        }
        return size;
    }

    private Process startMkfs(Path image, Path output) throws ImageException {
        try {
            Path mkfs = Program.find("mkfs.erofs").orElseThrow(() -> new IOException("it is not installed"));
            ProcessBuilder builder = Program.prepared(List.of(
                    "prlimit",
                    "--as=" + MAX_MEMORY,
                    mkfs.toString(),
                    "--quiet",
                    "-U",
                    "5ae91500-0000-4000-8000-000000000002",
                    "--tar=f",
                    // Writes each file's bytes at once instead of collecting them first.
                    "--sort=none",
                    "-E^inline_data",
                    image.toString()));
            builder.environment().put("TMPDIR", scratch.toString());
            return builder.redirectOutput(output.toFile()).start();
        } catch (IOException e) {
            throw new ImageException(
                    ImageException.Reason.STORAGE, "cannot run mkfs.erofs", "install the package erofs-utils", e);
        }
    }
}
