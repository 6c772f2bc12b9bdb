package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.*;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.Documents.Descriptor;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;
import land.oras.auth.*;

/** An image in a registry. */
public record RegistrySource(
        ImageReference.InRegistry reference, Platform platform, Attempts attempts, RegistryHttp http)
        implements ImageSource {
    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    /**
     * Reads the logins at once.
     *
     * @param dockerConfig Docker's {@code config.json}, which need not exist
     */
    public RegistrySource(ImageReference.InRegistry reference, Platform platform, Path dockerConfig, Attempts attempts)
            throws ImageException {
        AuthProvider login =
                DockerConfig.read(dockerConfig).of(reference.host()).orElseGet(NoAuthProvider::new);
        this(reference, platform, attempts, new RegistryHttp(reference, login));
    }

    @Override
    public ResolvedImage resolve() throws ImageException, IOException {
        byte[] first = document("manifests/" + reference.version());
        Digest digest = Digest.of(first);
        if (reference.digest().isPresent()) {
            digest.require(Digest.parse(reference.digest().get()), ResolvedImage.DOCUMENT);
        }
        return ResolvedImage.of(digest, first, platform, (kind, wanted) -> document(kind + "/" + wanted));
    }

    private byte[] document(String path) throws ImageException {
        return attempts.run(() -> {
            try (InputStream in =
                    new BlobDownload.StallGuard(http.open(path, path.startsWith("m") ? ACCEPT : "", 0).stream())) {
                byte[] bytes = in.readNBytes(Documents.MAX_BYTES + 1);
                if (bytes.length > Documents.MAX_BYTES) {
                    throw ImageException.tooLarge("the image's manifest or configuration is larger than 4 MB");
                }
                return bytes;
            }
        });
    }

    @Override
    public Layer fetch(LayerRef layer, Path scratch, LongConsumer progress) throws ImageException, IOException {
        // An image may have the same layer twice.
        Path file = Files.createTempFile(scratch, "blob-", "");
        Blob blob = attempts.run(new BlobDownload(http, layer.blob(), file, progress));
        return new Layer(blob, Optional.empty(), layer.diffId());
    }

    public static Path defaultDockerConfig() {
        String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
        return Optional.ofNullable(System.getenv("DOCKER_CONFIG"))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(home, ".docker"))
                .resolve("config.json");
    }

    /** A download of one blob into a file, which continues after a failure; its digest is computed meanwhile. */
    private static final class BlobDownload implements Attempts.Step<Blob> {
        private static final int BUFFER = 256 * 1024;

        private final RegistryHttp http;
        private final Descriptor blob;
        private final Digest digest;
        private final Path file;
        private final LongConsumer progress;
        private MessageDigest computation = Digest.sha256();
        private long done;

        BlobDownload(RegistryHttp http, Descriptor blob, Path file, LongConsumer progress) throws ImageException {
            this.http = http;
            this.blob = blob;
            this.digest = blob.blob();
            this.file = file;
            this.progress = progress;
        }

        @Override
        public long progress() {
            return done;
        }

        @Override
        public Blob run() throws ImageException, IOException {
            RegistryHttp.Body body = http.open("blobs/" + digest, "", done);
            try (InputStream in = new StallGuard(body.stream());
                    FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                if (!body.partial() && done > 0) {
                    progress.accept(-done);
                    done = 0;
                    computation = Digest.sha256();
                }
                out.truncate(done).position(done);
                copy(in, out);
            }
            if (done < blob.size()) {
                throw new IOException("a layer ended after " + done + " of " + blob.size() + " bytes");
            }
            Digest.finished(computation).require(digest, "a layer from the registry");
            return new Blob(file, 0, done, true);
        }

        private void copy(InputStream in, FileChannel out) throws IOException, ImageException {
            byte[] buffer = new byte[BUFFER];
            int read;
            while ((read = in.read(buffer)) > 0) {
                if (done + read > blob.size()) {
                    throw ImageException.broken("a layer from the registry is longer than its manifest says");
                }
                ByteBuffer bytes = ByteBuffer.wrap(buffer, 0, read);
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                computation.update(buffer, 0, read);
                done += read;
                progress.accept(read);
            }
        }

        /** Closes a stream on which nothing has come for a minute: a dead connection need not fail by itself. */
        static final class StallGuard extends ReadThrough {
            private static final long LIMIT_SECONDS = 60;

            private final AtomicLong reads = new AtomicLong();
            private final CountDownLatch closed = new CountDownLatch(1);

            StallGuard(InputStream in) {
                super(in);
                Thread.ofVirtual().name("stall-guard").start(this::watch);
            }

            private void watch() {
                try {
                    long before;
                    do {
                        before = reads.get();
                        if (closed.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                            return;
                        }
                    } while (reads.get() != before);
                    in.close();
                } catch (InterruptedException | IOException over) {
                    // The reader sees the same.
                }
            }

            @Override
            protected void passed(byte[] buffer, int offset, int read) {
                reads.incrementAndGet();
            }

            @Override
            public void close() throws IOException {
                closed.countDown();
                super.close();
            }
        }
    }
}
