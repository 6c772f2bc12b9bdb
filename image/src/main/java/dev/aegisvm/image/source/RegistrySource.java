package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Blob;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.rootfs.RootfsBuilder.Layer;
import dev.aegisvm.image.source.ResolvedImage.LayerRef;
import land.oras.auth.NoAuthProvider;

/** An image in a registry. */
public final class RegistrySource implements ImageSource {
    private static final String ACCEPT = String.join(
            ", ",
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json");

    private final ImageReference.InRegistry reference;
    private final Platform platform;
    private final Attempts attempts;
    private final RegistryHttp http;

    /**
     * Reads the logins at once.
     *
     * @param dockerConfig Docker's {@code config.json}, which need not exist
     */
    public RegistrySource(ImageReference.InRegistry reference, Platform platform, Path dockerConfig, Attempts attempts)
            throws ImageException {
        this.reference = reference;
        this.platform = platform;
        this.attempts = attempts;
        this.http = new RegistryHttp(
                reference, DockerConfig.read(dockerConfig).of(reference.host()).orElseGet(NoAuthProvider::new));
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
}
