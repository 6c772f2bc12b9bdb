package dev.aegisvm.daemon.snapshot;

import module java.base;
import dev.aegisvm.daemon.guest.*;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;
import dev.aegisvm.daemon.guest.FileStat.FileKind;
import dev.aegisvm.daemon.guest.GuestFiles.Layer;
import org.jspecify.annotations.Nullable;

/**
 * What an instance has on its own disk beside and instead of its image's files: the upper directory of an overlay, see overlayfs.rst
 * of the kernel. A guest says so, which is not trusted: all of it is counted.
 */
final class OwnFiles {
    private static final int MOST = 500_000;
    private static final long MOST_CHARACTERS = 32L << 20;
    private static final int LONGEST_PATH = 4096;

    private final Lister guest;
    private final Map<String, FileStat> all = new HashMap<>();
    /** Directories of the image that were looked at, each with a slash at its end. */
    private final Map<String, Map<String, FileStat>> seen = new HashMap<>();

    private int entries;
    private long characters;

    /** Lists a directory, which may be gone. */
    @FunctionalInterface
    interface Lister {
        void list(Layer layer, String directory, Taker taker) throws IOException;
    }

    @FunctionalInterface
    interface Taker {
        void take(FileEntry entry) throws IOException;
    }

    private OwnFiles(Lister guest) {
        this.guest = guest;
    }

    /** Asks the guest. */
    static OwnFiles of(GuestFiles guest) throws IOException {
        return of((layer, directory, taker) -> list(guest.of(layer), directory, taker));
    }

    static OwnFiles of(Lister guest) throws IOException {
        OwnFiles own = new OwnFiles(guest);
        Deque<String> waiting = new ArrayDeque<>(List.of("/"));
        while (!waiting.isEmpty()) {
            String directory = waiting.remove();
            own.list(Layer.OWN, directory).forEach((name, stat) -> {
                own.all.put(directory + name, stat);
                if (isDirectory(stat)) {
                    waiting.add(directory + name + "/");
                }
            });
        }
        return own;
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
            known = there ? list(Layer.IMAGE, directory) : Map.of();
            seen.put(directory, known);
        }
        return known;
    }

    private Map<String, FileStat> list(Layer layer, String directory) throws IOException {
        Map<String, FileStat> found = new HashMap<>();
        guest.list(layer, directory, entry -> {
            int length = directory.length() + entry.name().length();
            entries++;
            characters += length + entry.stat().target().map(String::length).orElse(0);
            if (entries > MOST || characters > MOST_CHARACTERS || length > LONGEST_PATH) {
                throw FileFailure.because(FileFailure.Reason.TOO_LARGE_A_TREE, "list " + directory);
            }
            found.put(entry.name(), entry.stat());
        });
        return found;
    }

    private static void list(GuestFiles layer, String directory, Taker taker) throws IOException {
        try (FileListing listing = layer.list(directory)) {
            for (Optional<FileEntry> next = listing.next(); next.isPresent(); next = listing.next()) {
                taker.take(next.get());
            }
        } catch (FileFailure gone) {
            if (gone.reason() != FileFailure.Reason.NOT_FOUND) {
                throw gone;
            }
        }
    }

    /** Whether the instance's own disk has something to say of a path. */
    boolean has(String path) {
        return all.containsKey(path);
    }

    /**
     * What differs between two of the same image: as it was, and as it is, by the paths.
     *
     * @param earlier null: the image
     */
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

    static boolean isDirectory(FileStat stat) {
        return stat.kind() == FileKind.DIRECTORY || stat.kind() == FileKind.OPAQUE_DIRECTORY;
    }

    /** Of directories, size and time say what is in them, which is compared by itself. */
    private static boolean same(@Nullable FileStat one, @Nullable FileStat other) {
        if (one == null || other == null) {
            return one == null && other == null;
        }
        boolean alike = one.mode() == other.mode() && one.uid() == other.uid() && one.gid() == other.gid();
        return alike && ((isDirectory(one) && isDirectory(other)) || one.equals(other));
    }
}
