package dev.aegisvm.daemon.guest;

import module java.base;
import dev.aegisvm.daemon.guest.FileListing.FileEntry;

/** Directories of a guest with what is in them. It may list without end, and ever deeper: all of it is counted. */
public final class FileTree {
    private static final int MOST = 200_000;
    private static final long MOST_CHARACTERS = 16L << 20;
    private static final int LONGEST_PATH = 4096;

    private final Lister lister;
    private int entries;
    private long characters;

    public FileTree(Lister lister) {
        this.lister = lister;
    }

    public interface Lister {
        void list(String directory, Taker taker) throws IOException;
    }

    public interface Taker {
        void take(FileEntry entry) throws IOException;
    }

    /** That of a guest, in which a directory that is gone by now has nothing in it. */
    public static FileTree of(GuestFiles files) {
        return new FileTree((directory, taker) -> {
            try (FileListing listing = files.list(directory)) {
                for (var next = listing.next(); next.isPresent(); next = listing.next()) {
                    taker.take(next.get());
                }
            } catch (FileFailure gone) {
                if (gone.reason() != FileFailure.Reason.NOT_FOUND) {
                    throw gone;
                }
            }
        });
    }

    /** What is in a directory, whose path ends with a slash, by its names. */
    public Map<String, FileStat> in(String directory) throws IOException {
        Map<String, FileStat> found = new HashMap<>();
        lister.list(directory, entry -> {
            int length = directory.length() + entry.name().length();
            entries++;
            characters += length + entry.stat().target().map(String::length).orElse(0);
            if (entries > MOST || characters > MOST_CHARACTERS || length > LONGEST_PATH) {
                throw FileFailure.tooLarge("list " + directory);
            }
            found.put(entry.name(), entry.stat());
        });
        return found;
    }

    /** All that is below such a directory, by the paths from there. */
    public Map<String, FileStat> below(String root) throws IOException {
        Map<String, FileStat> found = new HashMap<>();
        Deque<String> waiting = new ArrayDeque<>(List.of(""));
        while (!waiting.isEmpty()) {
            String directory = waiting.remove();
            in(root + directory).forEach((name, stat) -> {
                found.put(directory + name, stat);
                if (stat.isDirectory()) {
                    waiting.add(directory + name + "/");
                }
            });
        }
        return found;
    }
}
