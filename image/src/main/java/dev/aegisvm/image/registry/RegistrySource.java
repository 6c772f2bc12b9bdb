package dev.aegisvm.image.registry;

import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageReference;
import dev.aegisvm.image.Platform;
import dev.aegisvm.image.oci.Descriptor;
import dev.aegisvm.image.oci.Digest;
import dev.aegisvm.image.oci.Documents;
import dev.aegisvm.image.oci.ImageSource;
import dev.aegisvm.image.oci.Manifest;
import dev.aegisvm.image.oci.ResolvedImage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.LongConsumer;

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
        this.http = new RegistryHttp(reference, DockerConfig.read(dockerConfig).of(reference.host()));
    }

    @Override
    public ResolvedImage resolve() throws ImageException {
        byte[] first = document("manifests/" + reference.version());
        Digest digest = Digest.of(first);
        if (reference.digest().isPresent()) {
            check(digest, reference.digest().get());
        }
        Manifest manifest = Documents.manifest(first);
        if (manifest.manifests() != null) {
            Digest chosen = Documents.choose(manifest.manifests(), platform).blob();
            byte[] second = document("manifests/" + chosen);
            check(Digest.of(second), chosen.toString());
            digest = chosen;
            manifest = Documents.manifest(second);
        }
        Descriptor config = manifest.configuration();
        byte[] bytes = document("blobs/" + config.blob());
        check(Digest.of(bytes), config.blob().toString());
        return ResolvedImage.of(digest, manifest, bytes, platform);
    }

    private static void check(Digest found, String expected) throws ImageException {
        if (!found.toString().equals(expected)) {
            throw ImageException.broken(
                    "the registry sent something other than " + expected + ": its digest is " + found);
        }
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
    public InputStream open(Descriptor layer, Path scratch, LongConsumer progress) throws ImageException, IOException {
        // An image may have the same layer twice.
        Path file = Files.createTempFile(scratch, "blob-", "");
        Path fetched = attempts.run(new BlobDownload(http, layer, file, progress));
        return Files.newInputStream(fetched, StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Where Docker keeps its logins. */
    public static Path defaultDockerConfig() {
        String home = System.getenv().getOrDefault("HOME", System.getProperty("user.home"));
        return Optional.ofNullable(System.getenv("DOCKER_CONFIG"))
                .filter(directory -> !directory.isEmpty())
                .map(Path::of)
                .orElseGet(() -> Path.of(home, ".docker"))
                .resolve("config.json");
    }
}
