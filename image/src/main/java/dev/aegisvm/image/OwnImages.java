package dev.aegisvm.image;

import module java.base;
import dev.aegisvm.host.SparseFile;

/**
 * AegisVM's own images. They are made on this host by its recipes, or come in its packages; no registry is asked for
 * them. They have no manifest: the name takes the place of the digest.
 *
 * @param list names the files of the prepared guest, these images by what follows {@link #PREFIX}; read each time
 */
public record OwnImages(Path list) {
    public static final String PREFIX = "aegis:";
    /** What an instance is made of that names no image. */
    public static final String BASE = PREFIX + "base";

    private static final String FULL = PREFIX + "full";

    List<Image> all() {
        return Stream.of(BASE, FULL).flatMap(name -> find(name).stream()).toList();
    }

    Optional<Image> find(String name) {
        if (!name.equals(BASE) && !name.equals(FULL)) {
            return Optional.empty();
        }
        String part = name.substring(PREFIX.length());
        try {
            Properties guest = read(list);
            Path base = Path.of(guest.getProperty("base", ""));
            // A package that brings one image has its list beside the base image, with a name and no path.
            Path ofPackage = base.resolveSibling(part + ".properties");
            Path root = guest.containsKey(part) || Files.notExists(ofPackage)
                    ? Path.of(guest.getProperty(part, ""))
                    : base.resolveSibling(read(ofPackage).getProperty(part, ""));
            return Files.isRegularFile(root) ? Optional.of(image(name, root)) : Optional.empty();
        } catch (IOException | IllegalArgumentException notPrepared) {
            return Optional.empty();
        }
    }

    private static Properties read(Path file) throws IOException {
        Properties files = new Properties();
        try (Reader lines = Files.newBufferedReader(file)) {
            files.load(lines);
        }
        return files;
    }

    /** As in {@link #BASE} when no image is named, processes get a locale and start where those without an image do. */
    private static Image image(String name, Path root) throws IOException {
        return new Image(
                name,
                List.of(name),
                root,
                SparseFile.allocatedBytes(root),
                Files.getLastModifiedTime(root).toInstant(),
                new Image.Config(Map.of("LANG", "C.UTF-8"), "", "", List.of(), List.of()));
    }

    /** Why there is no image of a name on this host, be it one of these or not, and how to get one. */
    static ImageException missing(String name) {
        String what = name.equals(BASE) || name.equals(FULL)
                ? name + " is not on this host"
                : "there is no image " + name
                        + (name.startsWith(PREFIX)
                                ? ": the images that come with AegisVM are " + BASE + " and " + FULL
                                : " on this host");
        String hint = name.equals(FULL)
                ? "install the package aegisvm-image-full, or make it: aegis-prepare-guest --full"
                        + " (in a checkout: make image-full)"
                : "'aegis image list' shows those that are";
        return new ImageException(ImageException.Reason.NOT_FOUND, what, hint);
    }
}
