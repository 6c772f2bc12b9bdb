package dev.aegisvm.image.source;

import module java.base;
import dev.aegisvm.image.ImageException;
import dev.aegisvm.image.rootfs.Blob;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/** Files of images by their names, in a directory or in an archive. */
interface ImageFiles {
    /** The file of a name. The name comes from the image's documents and is not trusted. */
    Optional<Blob> find(String name) throws ImageException, IOException;

    default Blob get(String name) throws ImageException, IOException {
        return find(name).orElseThrow(() -> ImageException.broken("the image has no file " + name));
    }

    static ImageFiles in(Path directory) {
        Path root = directory.normalize();
        return name -> {
            Path path = root.resolve(name.replace('\0', '?')).normalize();
            if (!path.startsWith(root)) {
                throw ImageException.broken("the layout names a file outside its directory: " + name);
            }
            return Files.isRegularFile(path) ? Optional.of(Blob.of(path)) : Optional.empty();
        };
    }

    /** The files of an uncompressed tar archive, read in place. */
    static ImageFiles of(Path archive) throws ImageException, IOException {
        Map<String, TarArchiveEntry> entries = new HashMap<>();
        try (FileChannel channel = FileChannel.open(archive);
                TarFile tar = new TarFile(channel)) {
            for (TarArchiveEntry entry : tar.getEntries()) {
                entries.put(normal(entry.getName()), entry);
            }
        } catch (IllegalArgumentException malformed) {
            throw ImageException.broken("the archive is not a valid tar: " + malformed.getMessage());
        }
        return name -> find(archive, entries, name);
    }

    private static Optional<Blob> find(Path archive, Map<String, TarArchiveEntry> entries, String name)
            throws ImageException {
        String at = normal(name);
        TarArchiveEntry entry = entries.get(at);
        // In old archives, a layer that two images share is a link.
        for (int links = 0; entry != null && (entry.isSymbolicLink() || entry.isLink()); links++) {
            if (links > 8) {
                throw ImageException.broken("the archive's links to " + name + " do not end");
            }
            String directory = entry.isLink() ? "" : at.substring(0, at.lastIndexOf('/') + 1);
            at = normal(directory + entry.getLinkName());
            entry = entries.get(at);
        }
        if (entry != null && entry.isSparse()) {
            throw ImageException.broken("the archive's file " + name + " is sparse");
        }
        return Optional.ofNullable(entry)
                .map(found -> new Blob(archive, found.getDataOffset(), found.getSize(), false));
    }

    private static String normal(String name) {
        return Path.of("/" + name.replace('\0', '?')).normalize().toString().substring(1);
    }
}
