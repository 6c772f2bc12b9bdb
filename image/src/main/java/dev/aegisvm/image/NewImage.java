package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.*;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.source.Documents.*;
import io.avaje.jsonb.Jsonb;
import org.apache.commons.compress.archivers.tar.*;
import org.jspecify.annotations.Nullable;

/**
 * An image that is made here. It is written as an OCI layout, which is then read as any other, trusted no more.
 *
 * @param name a full reference
 * @param layers the lowest first, each a tar stream that is opened once
 */
public record NewImage(String name, Image.Config config, List<Callable<InputStream>> layers) {
    private static final Jsonb JSON = Jsonb.builder().build();
    private static final String OCI = "application/vnd.oci.image.";
    private static final String MANIFEST = "manifest.v1+json";
    private static final int BUFFER = 1 << 20;

    public NewImage {
        layers = List.copyOf(layers);
    }

    /** Writes it to an empty directory; the limits are those of all layers, and {@code progress} gets their bytes. */
    void write(Path layout, ImageLimits limits, LongConsumer progress) throws IOException {
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        List<Descriptor> descriptors = new ArrayList<>();
        long left = limits.bytes();
        for (Callable<InputStream> layer : layers) {
            Path draft = blobs.resolve("draft");
            Digest digest = copy(layer, draft, left, progress);
            left -= Files.size(draft);
            Path blob = Files.move(draft, blobs.resolve(digest.hex()), StandardCopyOption.REPLACE_EXISTING);
            descriptors.add(new Descriptor(OCI + "layer.v1.tar", digest.toString(), Files.size(blob), null, null));
        }
        Descriptor configuration = document(blobs, "config.v1+json", configuration(descriptors), null);
        Manifest image = new Manifest(2, OCI + MANIFEST, null, configuration, descriptors);
        Descriptor named = document(blobs, MANIFEST, image, Map.of(Descriptor.NAME, name));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Manifest index = new Manifest(2, null, List.of(named), null, null);
        Files.writeString(layout.resolve("index.json"), JSON.toJson(index));
    }

    private static Digest copy(Callable<InputStream> layer, Path target, long most, LongConsumer progress)
            throws IOException {
        MessageDigest computation = Digest.sha256();
        byte[] buffer = new byte[BUFFER];
        long left = most;
        try (OutputStream out = new DigestOutputStream(Files.newOutputStream(target), computation);
                InputStream in = fromGuest(layer)) {
            for (int read = fromGuest(() -> in.read(buffer)); read >= 0; read = fromGuest(() -> in.read(buffer))) {
                left -= read;
                if (left < 0) {
                    throw ImageException.tooLarge("the instance's files are larger than " + (most >> 20) + " MB");
                }
                out.write(buffer, 0, read);
                progress.accept(read);
            }
        }
        return Digest.finished(computation);
    }

    /** The layers come from the guest; the rest of what fails is ours. */
    private static <T> T fromGuest(Callable<T> reading) throws ImageException {
        try {
            return reading.call();
        } catch (Exception obstacle) {
            throw new ImageException(
                    ImageException.Reason.BROKEN,
                    "cannot read the instance's files: " + HostError.text(obstacle),
                    "check that the instance still runs, then try again",
                    obstacle);
        }
    }

    /** The layers are not compressed: their digests are those of what is in them. */
    private ConfigFile configuration(List<Descriptor> layers) {
        List<String> env = new TreeMap<>(config.env())
                .entrySet().stream()
                        .map(each -> each.getKey() + "=" + each.getValue())
                        .toList();
        Platform platform = Platform.ofHost();
        return new ConfigFile(
                Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                platform.os(),
                platform.architecture(),
                new ConfigFile.Run(env, config.workdir(), config.user(), config.entrypoint(), config.cmd()),
                new ConfigFile.RootFs(
                        "layers", layers.stream().map(Descriptor::digest).toList()));
    }

    private static Descriptor document(
            Path blobs, String type, Object content, @Nullable Map<String, String> annotations) throws IOException {
        byte[] json = JSON.toJsonBytes(content);
        Digest digest = Digest.of(json);
        Files.write(blobs.resolve(digest.hex()), json);
        return new Descriptor(OCI + type, digest.toString(), json.length, null, annotations);
    }

    /** Packs a layout into one file, which appears when complete; with its directories, or skopeo would need root. */
    static void pack(Path layout, Path archive) throws IOException {
        Draft.write(archive, out -> {
            try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new BufferedOutputStream(out, BUFFER));
                    Stream<Path> files = Files.walk(layout)) {
                tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
                for (Path file :
                        files.filter(file -> !file.equals(layout)).sorted().toList()) {
                    tar.putArchiveEntry(
                            new TarArchiveEntry(file, layout.relativize(file).toString()));
                    if (Files.isRegularFile(file)) {
                        Files.copy(file, tar);
                    }
                    tar.closeArchiveEntry();
                }
            }
        });
    }
}
