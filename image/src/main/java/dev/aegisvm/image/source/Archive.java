package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.ImageLimits;
import dev.aegisvm.image.Platform;
import dev.aegisvm.image.rootfs.Blob;
import dev.aegisvm.image.rootfs.Compression;

/** The images in a file: an archive of {@code docker save} or of an OCI layout, compressed or not. */
public final class Archive {
    private Archive() {}

    /**
     * An image of an archive.
     *
     * @param names what it is called there; may be empty
     */
    public record Named(ImageSource source, List<String> names) {}

    /**
     * The images of an archive.
     *
     * @param scratch a directory for the decompressed archive, which the caller deletes when it has read the images
     */
    public static List<Named> open(Path file, Path scratch, ImageLimits limits, Platform platform)
            throws ImageException, IOException {
        if (!Files.isRegularFile(file)) {
            throw ImageException.broken(file + " is not a file");
        }
        ImageFiles files = ImageFiles.of(plain(Blob.of(file), scratch, limits));
        if (files.find(DockerArchive.MANIFEST).isPresent()) {
            return DockerArchive.in(files, platform).stream()
                    .map(image -> new Named(image, image.names()))
                    .toList();
        }
        if (files.find(LayoutSource.INDEX).isEmpty()) {
            throw ImageException.broken(
                    file + " is neither an OCI layout nor an archive of docker save: it has no index.json and no"
                            + " manifest.json");
        }
        LayoutSource whole = new LayoutSource(files, file.toString(), Optional.empty(), platform);
        List<String> names = whole.names();
        if (names.size() < 2) {
            return List.of(new Named(whole, names));
        }
        return names.stream()
                .map(name ->
                        new Named(new LayoutSource(files, file.toString(), Optional.of(name), platform), List.of(name)))
                .toList();
    }

    /** The archive itself, or a decompressed copy of it. */
    private static Path plain(Blob archive, Path scratch, ImageLimits limits) throws IOException {
        if (Compression.of(archive) == Compression.NONE) {
            return archive.file();
        }
        Path plain = scratch.resolve("archive.tar");
        try (InputStream in = Compression.undo(archive.open(), archive.size(), limits, new AtomicLong())) {
            Files.copy(in, plain);
        }
        return plain;
    }
}
