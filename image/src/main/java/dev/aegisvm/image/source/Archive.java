package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.*;
import dev.aegisvm.image.rootfs.Blob;

/** The images in a file: an archive of {@code docker save} or of an OCI layout. */
public final class Archive {
    private static final int MAX_IMAGES = 200;
    private static final int MAX_NAMES = 1000;

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
     * @param contents its files, which have to stay until the images were read
     */
    public static List<Named> images(Path file, Map<String, Blob> contents, Platform platform)
            throws ImageException, IOException {
        List<Named> images = all(file, contents, platform);
        if (images.size() > MAX_IMAGES
                || images.stream().mapToInt(image -> image.names().size()).sum() > MAX_NAMES) {
            throw ImageException.tooLarge(
                    file + " has more than " + MAX_IMAGES + " images, or more than " + MAX_NAMES + " image names");
        }
        return images;
    }

    private static List<Named> all(Path file, Map<String, Blob> contents, Platform platform)
            throws ImageException, IOException {
        ImageFiles files = ImageFiles.of(contents);
        if (files.find(DockerArchive.MANIFEST).isPresent()) {
            return DockerArchive.in(files, platform).stream()
                    .map(image -> new Named(image, image.names()))
                    .toList();
        }
        if (files.find(LayoutSource.INDEX).isEmpty()) {
            throw ImageException.broken(
                    file + " is neither an OCI layout nor a docker save archive: it has no index.json and no"
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
}
