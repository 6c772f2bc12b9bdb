package dev.aegisvm.image.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Deletes directories of plain files. */
public final class Directories {
    private Directories() {}

    /** Deletes a directory and the files in it; a missing one is fine. */
    public static void remove(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return;
        }
        List<Path> files;
        try (Stream<Path> listed = Files.list(directory)) {
            files = listed.toList();
        }
        for (Path file : files) {
            if (Files.isDirectory(file)) {
                remove(file);
            } else {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(directory);
    }
}
