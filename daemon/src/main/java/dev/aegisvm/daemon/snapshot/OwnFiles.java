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
    private final SortedMap<String, Own> all = new TreeMap<>();
    private final Deque<Directory> waiting = new ArrayDeque<>();
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

    /**
     * Of one path. One of the two is there at least.
     *
     * @param image what the image has
     * @param now what the instance has
     */
    record Own(@Nullable FileStat image, @Nullable FileStat now) {
        /** Whether what the image has below this path cannot be seen. */
        private boolean hides() {
            boolean merged = image != null && image.kind() == FileKind.DIRECTORY;
            return !merged || now == null || now.kind() != FileKind.DIRECTORY;
        }
    }

    /** @param path ends with a slash, but for the root */
    private record Directory(String path, boolean inImage, boolean opaque) {}

    private OwnFiles(Lister guest) {
        this.guest = guest;
    }

    /** Asks the guest. */
    static OwnFiles of(GuestFiles guest) throws IOException {
        return of((layer, directory, taker) -> list(guest.of(layer), directory, taker));
    }

    static OwnFiles of(Lister guest) throws IOException {
        OwnFiles own = new OwnFiles(guest);
        own.waiting.add(new Directory("/", true, false));
        while (!own.waiting.isEmpty()) {
            own.add(own.waiting.remove());
        }
        return own;
    }

    private void add(Directory directory) throws IOException {
        Map<String, FileStat> image = directory.inImage ? list(Layer.IMAGE, directory.path) : new HashMap<>();
        for (Map.Entry<String, FileStat> each : list(Layer.OWN, directory.path).entrySet()) {
            add(directory.path + each.getKey(), image.remove(each.getKey()), each.getValue());
        }
        if (directory.opaque) {
            image.forEach((name, stat) -> all.put(directory.path + name, new Own(stat, null)));
        }
    }

    private void add(String path, @Nullable FileStat image, FileStat now) {
        if (now.kind() == FileKind.WHITEOUT) {
            if (image != null) {
                all.put(path, new Own(image, null));
            }
            return;
        }
        Own own = new Own(image, now);
        if (own.hides() || !same(image, now)) {
            all.put(path, own);
        }
        if (isDirectory(now)) {
            boolean inImage = image != null && isDirectory(image);
            waiting.add(new Directory(path + "/", inImage, now.kind() == FileKind.OPAQUE_DIRECTORY));
        }
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
    static SortedMap<String, Difference> differences(@Nullable OwnFiles earlier, OwnFiles later) {
        SortedSet<String> paths = new TreeSet<>(later.all.keySet());
        if (earlier != null) {
            paths.addAll(earlier.all.keySet());
        }
        SortedMap<String, Difference> found = new TreeMap<>();
        for (String path : paths) {
            Own first = earlier == null ? null : earlier.all.get(path);
            Own second = later.all.get(path);
            FileStat image = first != null && first.image != null ? first.image : second == null ? null : second.image;
            FileStat before = earlier == null ? image : earlier.at(path, image);
            FileStat now = later.at(path, image);
            if (!same(before, now)) {
                found.put(path, new Difference(before, now));
            }
        }
        return found;
    }

    record Difference(@Nullable FileStat before, @Nullable FileStat now) {}

    private @Nullable FileStat at(String path, @Nullable FileStat image) {
        Own own = all.get(path);
        if (own != null) {
            return own.now;
        }
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            Own above = all.get(path.substring(0, slash));
            if (above != null && above.hides()) {
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
