package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.image.rootfs.Digest;
import dev.aegisvm.image.source.Documents;

/** An OCI layout written by hand, so that it can be as odd as a test needs it. */
final class HandmadeLayout {
    private final Path directory;
    private OptionalLong claimed = OptionalLong.empty();
    private final List<String> images = new ArrayList<>();

    HandmadeLayout(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory.resolve("blobs/sha256"));
        Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    }

    /** From now on every descriptor says that its blob has so many bytes. */
    void claimSizes(long bytes) {
        claimed = OptionalLong.of(bytes);
    }

    Path directory() {
        return directory;
    }

    /** Adds an image of uncompressed layers, which are gzipped; returns the digest of its manifest. */
    String image(String tag, String config, byte[]... tars) throws IOException {
        List<byte[]> blobs = new ArrayList<>();
        for (byte[] tar : tars) {
            blobs.add(gzip(tar));
        }
        return image(tag, config, List.of(tars), blobs);
    }

    String image(String tag, String config, List<byte[]> tars, List<byte[]> blobs) throws IOException {
        String diffIds = tars.stream().map(tar -> "\"" + Digest.of(tar) + "\"").collect(Collectors.joining(","));
        String configuration = "{\"os\":\"linux\",\"architecture\":\""
                + Documents.Platform.ofHost().architecture() + "\",\"config\":" + config
                + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[" + diffIds + "]}}";
        List<String> layers = new ArrayList<>();
        for (byte[] blob : blobs) {
            layers.add(descriptor("application/vnd.oci.image.layer.v1.tar+gzip", blob, ""));
        }
        String manifest =
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":"
                        + descriptor(
                                "application/vnd.oci.image.config.v1+json",
                                configuration.getBytes(StandardCharsets.UTF_8),
                                "")
                        + ",\"layers\":[" + String.join(",", layers) + "]}";
        images.add(descriptor(
                "application/vnd.oci.image.manifest.v1+json",
                manifest.getBytes(StandardCharsets.UTF_8),
                ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + tag + "\"}"));
        Files.writeString(
                directory.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", images) + "]}");
        return Digest.of(manifest.getBytes(StandardCharsets.UTF_8)).toString();
    }

    private String descriptor(String type, byte[] blob, String more) throws IOException {
        Digest digest = Digest.of(blob);
        Files.write(directory.resolve("blobs/sha256").resolve(digest.hex()), blob);
        return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":" + claimed.orElse(blob.length)
                + more + "}";
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
