package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.Documents.Descriptor;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;
import land.oras.auth.*;

/** An image in a registry. What may fail for a short time is tried again. */
public final class RegistrySource implements ImageSource {
    /** How often something is tried without progress. */
    private static final int MAX_FAILURES = 6;
    /** The same where the registry's name does not resolve: the name may be wrong, and the user waits. */
    private static final int MAX_UNRESOLVED = 2;

    private static final long FIRST_WAIT_MILLIS = 300;
    private static final long MAX_SILENCE_SECONDS = 60;

    private final ImageReference.InRegistry reference;
    private final RegistryHttp http;
    private final CountDownLatch closing;

    /**
     * Reads the logins at once.
     *
     * @param closing ends waiting for another attempt
     */
    public RegistrySource(ImageReference.InRegistry reference, RegistryAccess access, CountDownLatch closing)
            throws ImageException {
        this.reference = reference;
        this.closing = closing;
        AuthProvider login =
                DockerConfig.read(access.dockerConfig()).of(reference.host()).orElseGet(NoAuthProvider::new);
        http = new RegistryHttp(reference, login, access.authorities());
    }

    @Override
    public ResolvedImage resolve() throws IOException {
        byte[] first = document("manifests/" + reference.version());
        Digest digest = Digest.of(first);
        if (reference.digest().isPresent()) {
            digest.require(Digest.parse(reference.digest().get()), ResolvedImage.DOCUMENT);
        }
        return ResolvedImage.of(digest, first, (kind, wanted) -> document(kind + "/" + wanted));
    }

    private byte[] document(String path) throws ImageException {
        return tried(() -> Documents.bytes(guarded(http.open(path, 0).stream())), () -> 0);
    }

    @Override
    public Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws IOException {
        // An image may have the same layer twice.
        Path file = Files.createTempFile(scratch, "blob-", "");
        BlobDownload download = new BlobDownload(layer.blob(), file, progress);
        Blob blob = tried(download::run, () -> download.done);
        return new Layer(blob, Optional.empty(), layer.diffId());
    }

    /**
     * Tries again after failures that may be temporary, and waits longer each time.
     *
     * @param progress bytes so far; while they grow, failures do not count
     */
    private <T> T tried(ImageException.Work<T> attempt, LongSupplier progress) throws ImageException {
        int failures = 0;
        while (true) {
            long before = progress.getAsLong();
            try {
                return attempt.run();
            } catch (ImageException lasting) {
                throw lasting;
            } catch (IOException e) {
                failures = progress.getAsLong() > before ? 1 : failures + 1;
                int most = e instanceof UnknownHostException ? MAX_UNRESOLVED : MAX_FAILURES;
                if (failures >= most || pause(failures)) {
                    throw new ImageException(
                            ImageException.Reason.UNREACHABLE,
                            "cannot reach the registry " + reference.host() + ": " + e.getMessage(),
                            "check the name, and this machine's network, DNS and firewall",
                            e);
                }
            }
        }
    }

    private boolean pause(int failures) {
        long base = FIRST_WAIT_MILLIS << Math.min(failures - 1, 6);
        try {
            return closing.await(base + ThreadLocalRandom.current().nextLong(base / 2 + 1), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** A stream that is closed when nothing comes for a minute: a dead connection need not fail by itself. */
    private static InputStream guarded(InputStream stream) {
        return new FilterInputStream(stream) {
            @Override
            public int read(byte[] buffer, int offset, int count) throws IOException {
                Future<?> stalled =
                        ForkJoinPool.commonPool().schedule(this::end, MAX_SILENCE_SECONDS, TimeUnit.SECONDS);
                try {
                    return in.read(buffer, offset, count);
                } finally {
                    stalled.cancel(false);
                }
            }

            private void end() {
                try {
                    in.close();
                } catch (IOException over) {
                    // The reader sees the same.
                }
            }
        };
    }

    /** A download of one blob into a file, which continues after a failure; its digest is computed meanwhile. */
    private final class BlobDownload {
        private static final int BUFFER = 256 * 1024;

        private final Descriptor blob;
        private final Digest digest;
        private final Path file;
        private final LongConsumer progress;
        private MessageDigest computation = Digest.sha256();
        private long done;

        BlobDownload(Descriptor blob, Path file, LongConsumer progress) throws ImageException {
            this.blob = blob;
            this.digest = blob.blob();
            this.file = file;
            this.progress = progress;
        }

        Blob run() throws IOException {
            RegistryHttp.Body body = http.open("blobs/" + digest, done);
            try (InputStream in = guarded(body.stream());
                    FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (!body.partial() && done > 0) {
                    progress.accept(-done);
                    done = 0;
                    computation = Digest.sha256();
                }
                out.truncate(done).position(done);
                copy(in, new DigestOutputStream(Channels.newOutputStream(out), computation));
            }
            if (done < blob.size()) {
                throw new IOException("a layer ended after " + done + " of " + blob.size() + " bytes");
            }
            Digest.finished(computation).require(digest, "a layer from the registry");
            return new Blob(file, 0, done, true);
        }

        private void copy(InputStream in, OutputStream out) throws IOException {
            byte[] buffer = new byte[BUFFER];
            int read;
            while ((read = in.read(buffer)) > 0) {
                if (done + read > blob.size()) {
                    throw ImageException.broken("a layer from the registry is longer than its manifest says");
                }
                out.write(buffer, 0, read);
                done += read;
                progress.accept(read);
            }
        }
    }
}
