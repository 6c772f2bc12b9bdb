package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.HostError;
import dev.aegisvm.image.rootfs.Digest;
import io.avaje.jsonb.JsonType;
import io.avaje.jsonb.Jsonb;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * An image that is made here. It is written as an OCI layout, which is then read as everybody else's, trusted no more.
 *
 * @param name a full reference
 * @param layers the lowest first, each a tar stream that is opened once
 */
public record NewImage(String name, Image.Config config, List<Callable<InputStream>> layers) {
    private static final JsonType<Object> JSON = Jsonb.builder().build().type(Object.class);
    private static final String OCI = "application/vnd.oci.image.";
    private static final int BUFFER = 1 << 20;

    public NewImage {
        layers = List.copyOf(layers);
    }

    /**
     * Writes it.
     *
     * @param layout an empty directory
     * @param limits of what comes of the layers, together
     * @param progress gets the number of bytes that came
     */
    void write(Path layout, ImageLimits limits, LongConsumer progress) throws ImageException, IOException {
        Path blobs = Files.createDirectories(layout.resolve("blobs/sha256"));
        List<Map<String, Object>> descriptors = new ArrayList<>();
        long left = limits.bytes();
        for (Callable<InputStream> layer : layers) {
            Path draft = blobs.resolve("draft");
            Digest digest = copy(layer, draft, left, progress);
            left -= Files.size(draft);
            Path blob = Files.move(draft, blobs.resolve(digest.hex()), StandardCopyOption.REPLACE_EXISTING);
            descriptors.add(descriptor("layer.v1.tar", digest, Files.size(blob)));
        }
        List<Object> diffIds =
                descriptors.stream().map(layer -> layer.get("digest")).toList();
        Map<String, Object> config = document(blobs, "config.v1+json", configuration(diffIds));
        Map<String, Object> manifest = new TreeMap<>(document(
                blobs,
                "manifest.v1+json",
                Map.of(
                        "schemaVersion",
                        2,
                        "mediaType",
                        OCI + "manifest.v1+json",
                        "config",
                        config,
                        "layers",
                        descriptors)));
        manifest.put("annotations", Map.of("org.opencontainers.image.ref.name", name));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(
                layout.resolve("index.json"), JSON.toJson(Map.of("schemaVersion", 2, "manifests", List.of(manifest))));
    }

    /** The guest's files come from the guest, the rest of what fails is ours. */
    private static Digest copy(Callable<InputStream> layer, Path target, long most, LongConsumer progress)
            throws ImageException, IOException {
        MessageDigest computation = Digest.sha256();
        byte[] buffer = new byte[BUFFER];
        long left = most;
        try (OutputStream out = Files.newOutputStream(target);
                InputStream in = opened(layer)) {
            for (int read = read(in, buffer); read >= 0; read = read(in, buffer)) {
                left -= read;
                if (left < 0) {
                    throw ImageException.tooLarge("the files of the instance have more than " + (most >> 20) + " MB");
                }
                computation.update(buffer, 0, read);
                out.write(buffer, 0, read);
                progress.accept(read);
            }
        }
        return Digest.finished(computation);
    }

    private static InputStream opened(Callable<InputStream> layer) throws ImageException {
        try {
            return layer.call();
        } catch (Exception obstacle) {
            throw unreadable(obstacle);
        }
    }

    private static int read(InputStream in, byte[] buffer) throws ImageException {
        try {
            return in.read(buffer);
        } catch (IOException obstacle) {
            throw unreadable(obstacle);
        }
    }

    private static ImageException unreadable(Exception obstacle) {
        String why = obstacle instanceof IOException ? HostError.text(obstacle) : String.valueOf(obstacle.getMessage());
        return new ImageException(
                ImageException.Reason.BROKEN,
                "the files of the instance cannot be read: " + why,
                "see whether it still runs, then try again",
                obstacle);
    }

    private Map<String, Object> configuration(List<Object> diffIds) {
        Map<String, Object> run = new TreeMap<>();
        run.put(
                "Env",
                new TreeMap<>(config.env())
                        .entrySet().stream()
                                .map(each -> each.getKey() + "=" + each.getValue())
                                .toList());
        run.put("WorkingDir", config.workdir());
        run.put("User", config.user());
        run.put("Entrypoint", config.entrypoint());
        run.put("Cmd", config.cmd());
        // Of no use to whoever runs it.
        run.values().removeIf(value -> value.equals("") || value.equals(List.of()));
        Platform platform = Platform.ofHost();
        return new TreeMap<>(Map.of(
                "created", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
                "os", platform.os(),
                "architecture", platform.architecture(),
                "config", run,
                "rootfs", new TreeMap<>(Map.of("type", "layers", "diff_ids", diffIds))));
    }

    private static Map<String, Object> document(Path blobs, String type, Map<String, Object> content)
            throws IOException {
        byte[] json = JSON.toJsonBytes(new TreeMap<>(content));
        Digest digest = Digest.of(json);
        Files.write(blobs.resolve(digest.hex()), json);
        return descriptor(type, digest, json.length);
    }

    private static Map<String, Object> descriptor(String type, Digest digest, long size) {
        return new TreeMap<>(Map.of("mediaType", OCI + type, "digest", digest.toString(), "size", size));
    }

    /** Puts a layout into one file, which appears when it is whole. */
    static void pack(Path layout, Path archive) throws IOException {
        Path draft = archive.resolveSibling("." + archive.getFileName() + ".unfinished");
        try (TarArchiveOutputStream tar =
                        new TarArchiveOutputStream(new BufferedOutputStream(Files.newOutputStream(draft), BUFFER));
                Stream<Path> files = Files.walk(layout)) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                tar.putArchiveEntry(
                        new TarArchiveEntry(file, layout.relativize(file).toString()));
                Files.copy(file, tar);
                tar.closeArchiveEntry();
            }
            tar.finish();
            Files.move(draft, archive, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
