package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import dev.aegisvm.daemon.guest.GuestFiles.Layer;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has on its own disk beside and instead of its image's files: the upper directory of an overlay, see
 * overlayfs.rst of the kernel. A guest says so, which is not trusted: all of it is counted.
 */
final class OwnFiles {
    private final FileTree lower;
    private final Map<String, FileStat> all = new HashMap<>();
    /** Directories of the image that were looked at, each with a slash at its end. */
    private final Map<String, Map<String, FileStat>> seen = new HashMap<>();

    OwnFiles(FileTree own, FileTree image) throws IOException {
        lower = image;
        own.below("/").forEach((path, stat) -> all.put("/" + path, stat));
    }

    static OwnFiles of(GuestFiles guest) throws IOException {
        return new OwnFiles(FileTree.of(guest.of(Layer.OWN)), FileTree.of(guest.of(Layer.IMAGE)));
    }

    private @Nullable FileStat inImage(String path) throws IOException {
        int name = path.lastIndexOf('/') + 1;
        return imageDirectory(path.substring(0, name)).get(path.substring(name));
    }

    /** What the image has in a directory; nothing where that is none in the image. */
    private Map<String, FileStat> imageDirectory(String directory) throws IOException {
        Map<String, FileStat> known = seen.get(directory);
        if (known == null) {
            FileStat itself = directory.equals("/") ? null : inImage(directory.substring(0, directory.length() - 1));
            boolean there = directory.equals("/") || (itself != null && itself.kind() == FileKind.DIRECTORY);
            known = there ? lower.in(directory) : Map.of();
            seen.put(directory, known);
        }
        return known;
    }

    /** Whether the instance's own disk has something to say of a path. */
    boolean has(String path) {
        return all.containsKey(path);
    }

    /** Whether there is something, as it is now; not below a symlink. */
    boolean isThere(String path) throws IOException {
        return path.isEmpty() || at(path, inImage(path)) != null;
    }

    /** What differs between two of the same image, by the paths; without an earlier one, from the image. */
    static SortedMap<String, Difference> differences(@Nullable OwnFiles earlier, OwnFiles later) throws IOException {
        Set<String> paths = later.paths();
        if (earlier != null) {
            paths.addAll(earlier.paths());
        }
        SortedMap<String, Difference> found = new TreeMap<>();
        for (String path : paths) {
            FileStat image = later.inImage(path);
            FileStat before = earlier == null ? image : earlier.at(path, image);
            FileStat now = later.at(path, image);
            if (!same(before, now)) {
                found.put(path, new Difference(before, now));
            }
        }
        return found;
    }

    /** One of the two is there at least. */
    record Difference(@Nullable FileStat before, @Nullable FileStat now) {}

    /** All that may not be as in the image. */
    private Set<String> paths() throws IOException {
        Set<String> paths = new HashSet<>(all.keySet());
        for (Map.Entry<String, FileStat> each : all.entrySet()) {
            if (each.getValue().kind() == FileKind.OPAQUE_DIRECTORY) {
                imageDirectory(each.getKey() + "/").keySet().forEach(name -> paths.add(each.getKey() + "/" + name));
            }
        }
        return paths;
    }

    private @Nullable FileStat at(String path, @Nullable FileStat image) {
        FileStat own = all.get(path);
        if (own != null) {
            return own.kind() == FileKind.WHITEOUT ? null : own;
        }
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            FileStat above = all.get(path.substring(0, slash));
            if (above != null && above.kind() != FileKind.DIRECTORY) {
                return null;
            }
        }
        return image;
    }

    /** Of directories, size and time say what is in them, which is compared by itself. */
    private static boolean same(@Nullable FileStat one, @Nullable FileStat other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        boolean alike = one.mode() == other.mode() && one.uid() == other.uid() && one.gid() == other.gid();
        return alike && ((one.isDirectory() && other.isDirectory()) || one.equals(other));
    }
}
