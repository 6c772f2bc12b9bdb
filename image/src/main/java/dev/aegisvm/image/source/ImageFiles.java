package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.Blob;

/**
 * Files of images by their names, in a directory or in an archive.
 *
 * @param places what they are in
 */
record ImageFiles(Set<Path> places, Finder finder) {
    interface Finder {
        /** The file of a name, which comes from the image's documents and is not trusted. */
        Optional<Blob> find(String name) throws IOException;
    }

    Blob get(String name) throws IOException {
        return finder.find(name).orElseThrow(() -> ImageException.broken("the image has no file " + name));
    }

    byte[] document(String name) throws IOException {
        return Documents.bytes(get(name).open());
    }

    static ImageFiles in(Path directory) {
        Path root = directory.normalize();
        return new ImageFiles(Set.of(root), name -> {
            Path path = root.resolve(name.replace('\0', '?')).normalize();
            if (!path.startsWith(root)) {
                throw ImageException.broken("the layout refers to a file outside its directory: " + name);
            }
            return Files.isRegularFile(path) ? Optional.of(Blob.of(path)) : Optional.empty();
        });
    }

    static ImageFiles of(Map<String, Blob> files) {
        Set<Path> places = files.values().stream().map(Blob::file).collect(Collectors.toSet());
        return new ImageFiles(places, name -> Optional.ofNullable(files.get(normal(name))));
    }

    private static String normal(String name) throws ImageException {
        try {
            return Path.of("/" + name.replace('\0', '?')).normalize().toString().substring(1);
        } catch (InvalidPathException noName) {
            throw ImageException.broken("the image lists an invalid file name: " + noName.getReason());
        }
    }
}
